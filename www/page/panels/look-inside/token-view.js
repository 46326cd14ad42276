// @ts-check
// Members of tokens as tables: names with their meanings, times as dates, ZITADEL's roles one by
// one.
import { timeElement } from "../../shared/clock.js";
import { element } from "../../shared/dom.js";

/** @typedef {import("./decode.js").Members} Members */

const TIMES = ["exp", "iat", "nbf", "auth_time", "updated_at"];
const ROLES = /^urn:zitadel:iam:org:project:(?:([^:]+):)?roles$/;
/** From how many characters on a value scrolls in a box of its own. */
const LONG = 400;
/** From how many levels on a value is not indented. */
const DEEP = 30;

/** @type {Record<string, string>} */
const MEANINGS = {
  // of headers
  alg: "signed by",
  kid: "key",
  typ: "type",
  enc: "encrypted by",
  cty: "content",
  zip: "compressed by",
  // of claims
  iss: "issuer",
  sub: "who it is",
  aud: "audience",
  exp: "ends",
  iat: "issued",
  nbf: "not before",
  jti: "its own id",
  client_id: "client's name",
  azp: "authorized party",
  scope: "scopes",
  // of introspection responses
  active: "good now",
  token_type: "type",
  username: "user name",
  auth_time: "logged in",
  updated_at: "changed",
};

/** @type {(caption: string, members: Members) => HTMLElement} */
export function membersTable(caption, members) {
  const rows = Object.entries(members).map(([name, value]) => {
    const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
    const head = element(
      "th",
      { scope: "row" },
      element("code", {}, name),
      ...(meaning ? [" ", element("span", { class: "quiet" }, meaning)] : []),
    );
    return element("tr", {}, head, element("td", {}, ...valueElements(name, value)));
  });
  return element(
    "table",
    { class: "members" },
    element("caption", {}, caption),
    element("tbody", {}, ...rows),
  );
}

/**
 * Undefined where the claims tell no roles.
 *
 * @type {(
 *   ec: import("../../shared/exchange.js").Package,
 *   claims: Members,
 * ) => HTMLElement | undefined}
 */
export function rolesTable({ zitadel }, claims) {
  const rows = Object.keys(claims).flatMap((name) => {
    const match = ROLES.exec(name);
    if (!match) return [];

    const [, project] = match;
    const roles = project === undefined ? zitadel.roles(claims) : zitadel.roles(claims, project);
    return Object.entries(roles).flatMap(([role, organizations]) =>
      Object.entries(organizations).map(([id, domain]) =>
        element(
          "tr",
          {},
          cell(role),
          cell(project ?? "the client's own"),
          element("td", {}, domain, " ", element("span", { class: "quiet" }, id)),
        ),
      ),
    );
  });
  if (rows.length === 0) return undefined;

  const heads = ["Role", "Project", "Organization"].map((text) =>
    element("th", { scope: "col" }, text),
  );
  return element(
    "table",
    { class: "roles" },
    element("caption", {}, "Roles in ZITADEL"),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows),
  );
}

/** @type {(name: string, value: unknown) => (Node | string)[]} */
function valueElements(name, value) {
  if (TIMES.includes(name) && typeof value === "number")
    return [timeElement(value * 1000), " ", element("code", { class: "quiet" }, String(value))];
  if (typeof value === "string")
    return [boxed(name, name === "scope" ? value.replaceAll(" ", "\n") : value)];
  if (Array.isArray(value) && value.every((one) => typeof one === "string"))
    return [boxed(name, value.join("\n"))];
  if (typeof value === "object" && value !== null) return [boxed(name, jsonOf(value))];
  return [String(value)];
}

/**
 * Anybody can nest a claim so deeply that its indentation fills the memory, or that it cannot be
 * written at all.
 *
 * @param {object} value
 */
function jsonOf(value) {
  try {
    return JSON.stringify(value, null, isDeep(value, DEEP) ? 0 : 2);
  } catch {
    return "nested too deeply to be shown";
  }
}

/** @type {(value: unknown, left: number) => boolean} */
function isDeep(value, left) {
  return (
    typeof value === "object" &&
    value !== null &&
    (left === 0 || Object.values(value).some((one) => isDeep(one, left - 1)))
  );
}

/** @type {(name: string, text: string) => Node | string} */
function boxed(name, text) {
  if (text.length > LONG || text.split("\n").length > 12)
    return element(
      "pre",
      { class: "code tall", tabindex: "0", role: "region", "aria-label": `the value of ${name}` },
      text,
    );
  return text.includes("\n") ? element("pre", { class: "plain" }, text) : text;
}

/** @param {string} text */
function cell(text) {
  return element("td", {}, text);
}
