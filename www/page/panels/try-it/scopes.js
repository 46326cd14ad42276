// @ts-check
// The scopes that ZITADEL reserves, as buttons that put them into the scope field and take them out
// again.
import { element } from "../../shared/dom.js";
import { errorElement } from "../../shared/error-view.js";
import { membersOf } from "../../shared/exchange.js";

/** @typedef {import("../../shared/exchange.js").Package} Package */
/**
 * @typedef {object} Reserved
 * @property {string} name
 * @property {string} about
 * @property {string} [argument] what it needs, in words
 * @property {(value: string) => string} make
 */

/** @type {(ec: Package) => Reserved[]} */
const reserved = ({ zitadel: { scopes } }) => [
  {
    name: "openid",
    about: "always with ZITADEL: without it older servers refuse",
    make: () => "openid",
  },
  {
    name: "profile",
    about: "name and user name, where the token is asked about",
    make: () => "profile",
  },
  { name: "api", about: "opens ZITADEL's own APIs", make: scopes.api },
  {
    name: "audience",
    argument: "project id",
    about: "makes the token one for this project's API; any service user may ask",
    make: scopes.audience,
  },
  {
    name: "roles",
    about: "tells the roles in every project of the audience; grants none",
    make: scopes.roles,
  },
  {
    name: "role",
    argument: "role",
    about: "tells one role of the requesting project; does not grant it",
    make: scopes.role,
  },
  {
    name: "organization",
    argument: "organization id",
    about: "only for users of this organization",
    make: scopes.organization,
  },
  {
    name: "primary domain",
    argument: "domain",
    about: "the same, by the organization's domain",
    make: scopes.primaryDomain,
  },
  {
    name: "organization roles",
    argument: "organization id",
    about: "only the roles that this organization granted",
    make: scopes.organizationRoles,
  },
  { name: "metadata", about: "what is noted about the user", make: scopes.metadata },
  {
    name: "resource owner",
    about: "the user's organization: id, name, domain",
    make: scopes.resourceOwner,
  },
];

/**
 * @param {object} options
 * @param {Package} options.ec
 * @param {HTMLElement} options.list
 * @param {HTMLTextAreaElement} options.field where the scopes are written; told of every change by
 *   an `input` event
 */
export function createScopes({ ec, list, field }) {
  const chips = reserved(ec).map((scope, index) => createChip(scope, index));
  list.replaceChildren(...chips.map(({ item }) => item));
  field.addEventListener("input", showAll);

  function showAll() {
    const written = words();
    for (const chip of chips) chip.show(written);
  }

  function words() {
    return field.value.split(/\s+/).filter(Boolean);
  }

  /** @param {string[]} scopes */
  function write(scopes) {
    field.value = scopes.join(" ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /**
   * @type {(
   *   scope: Reserved,
   *   index: number,
   * ) => {
   *   item: HTMLElement;
   *   show: (written: string[]) => void;
   *   fill: (value: string) => void;
   *   argument: string | undefined;
   * }}
   */
  function createChip({ name, about, argument, make }, index) {
    const note = element("span", { id: `scope-${index}`, class: "quiet" }, about);
    const button = element(
      "button",
      { type: "button", class: "chip", "aria-pressed": "false", "aria-describedby": note.id },
      name,
    );
    const input = /** @type {HTMLInputElement | undefined} */ (
      argument &&
        element("input", {
          "aria-label": `${argument} for ${name}`,
          placeholder: argument.split(" ").at(-1) ?? "",
          autocomplete: "off",
          spellcheck: "false",
          size: "8",
        })
    );
    const problem = element("div");
    const item = element(
      "li",
      {},
      element("span", {}, button, ...(input ? [" ", input] : [])),
      note,
      problem,
    );
    /** What it last put in. */
    let own = "";

    button.addEventListener("click", () => {
      problem.replaceChildren();
      if (button.getAttribute("aria-pressed") === "true")
        return write(words().filter((word) => word !== own));

      try {
        own = make(input?.value.trim() ?? "");
      } catch (error) {
        if (!(error instanceof ec.AuthError)) throw error;
        problem.replaceChildren(errorElement(membersOf(error)));
        input?.focus();
        return;
      }
      write([...words(), own]);
    });
    input?.addEventListener("input", (event) => {
      event.stopPropagation();
      problem.replaceChildren();
      showAll();
    });

    return {
      item,
      argument,
      fill(value) {
        if (input) input.value = value;
      },
      show(written) {
        const now = valueOf(make, input);
        if (now !== undefined && (written.includes(now) || !written.includes(own))) own = now;
        button.setAttribute("aria-pressed", String(own !== "" && written.includes(own)));
      },
    };
  }

  /**
   * @type {(
   *   make: Reserved["make"],
   *   input: HTMLInputElement | undefined,
   * ) => string | undefined}
   */
  function valueOf(make, input) {
    try {
      return make(input?.value.trim() ?? "");
    } catch (error) {
      if (!(error instanceof ec.AuthError)) throw error;
      return undefined; // What is missing is said when the button is pressed.
    }
  }

  return {
    /** @param {{ projectId?: string }} known */
    fill({ projectId = "" }) {
      for (const chip of chips) if (chip.argument === "project id") chip.fill(projectId);
      showAll();
    },
  };
}
