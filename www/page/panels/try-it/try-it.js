// @ts-check
// The panel "Try it": a token request as one types, sent from here or through the Worker, and what
// came back.
import { answerElements, summaryOf } from "../../shared/answer-view.js";
import { announcer, element, find } from "../../shared/dom.js";
import { membersOf } from "../../shared/exchange.js";
import {
  chosen,
  field,
  radios,
  secretField,
  showError,
  whileWorking,
} from "../../shared/fields.js";
import { createRequestView } from "./request-view.js";
import { createScopes } from "./scopes.js";

/** @typedef {import("../../shared/exchange.js").Package} Package */
/** @typedef {import("../../../server/page-server.js").Setting} Setting */
/**
 * @typedef {{ tokenEndpoint: string; methods: string[] | null }} Known of an issuer, from its
 *   metadata
 */

/** How long the typing of an address rests before a server is asked, ms. */
const PAUSE = 300;
const TEXTS = ["issuer", "client-id", "client-secret", "scope", "resource"];
/** Which field an error is about, by the words that the package has for it. */
const ABOUT = [
  { words: /issuer|token endpoint/, id: "issuer" },
  { words: /client id/, id: "client-id" },
  { words: /client secret/, id: "client-secret" },
  { words: /scope/, id: "scope" },
  { words: /resource/, id: "resource" },
];

/**
 * @param {object} options
 * @param {Package} options.ec
 * @param {import("../../shared/ways.js").Ways} options.ways
 * @param {Record<string, Setting>} options.settings
 * @param {{
 *   fill: (setting: Setting) => void;
 *   show: (accessToken: string, issuer: string) => void;
 * }} options.inside
 *   the panel that a token can be handed to
 */
export function startTryIt({ ec, ways, settings, inside }) {
  const announce = announcer("try-it-status");
  const view = createRequestView(announce);
  const secret = secretField("client-secret", update);
  const scopes = createScopes({
    ec,
    list: find("scopes"),
    field: /** @type {any} */ (find("scope")),
  });
  const server = field("server");
  const send = find("send");
  /**
   * What issuers said of themselves.
   *
   * @type {Map<string, Known>}
   */
  const known = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;

  server.replaceChildren(...Object.keys(settings).map((name) => element("option", {}, name)));
  server.addEventListener("change", fill);
  find("try-it-form").addEventListener("input", update);
  find("try-it-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileWorking(send, ask);
  });
  find("discover").addEventListener("click", () =>
    whileWorking(find("discover"), () => discover(true)),
  );
  field("issuer").addEventListener("input", discoverSoon);
  fill();

  function fill() {
    const { issuer, clientId = "", clientSecret = "", api } = settings[server.value];
    const texts = {
      issuer,
      "client-id": clientId,
      "client-secret": clientSecret,
      scope: `openid profile ${ec.zitadel.scopes.api()}`,
      resource: "",
    };
    for (const [id, text] of Object.entries(texts)) field(id).value = text;

    find("filled-in").hidden = clientSecret === "";
    find("resource-note").hidden = !(api && URL.canParse(api.audience));
    find("resource-example").textContent = api?.audience ?? "";

    scopes.fill({ projectId: api?.projectId });
    inside.fill(settings[server.value]);
    update();
    discoverSoon();
  }

  /** Only servers of this page's are asked unasked: half an address is somebody else's. */
  function discoverSoon() {
    clearTimeout(pause);
    if (ways.reaches(issuer()) && !known.has(issuer()))
      pause = setTimeout(() => discover(false), PAUSE);
  }

  /** @param {boolean} wanted by a person, who is told why it failed */
  async function discover(wanted) {
    const asked = issuer();
    const { error, ...found } = await ways.ask(ways.usual(asked), "metadata", { issuer: asked });
    if ("metadata" in found && found.metadata?.tokenEndpoint)
      known.set(asked, {
        tokenEndpoint: found.metadata.tokenEndpoint,
        methods: found.metadata.tokenEndpointAuthMethodsSupported,
      });
    if (asked !== issuer()) return;

    update();
    if (!wanted) return;
    if (error) {
      showError("issuer", error);
      announce(`The issuer's metadata did not come: ${error.message}`);
    } else {
      announce("The token endpoint is the issuer's own word");
    }
  }

  function issuer() {
    return field("issuer").value.trim();
  }

  function options() {
    const found = known.get(issuer());
    const scope = field("scope").value.trim();
    const resource = field("resource").value.trim();
    return {
      tokenEndpoint: found?.tokenEndpoint ?? `${issuer().replace(/\/$/, "")}/oauth/v2/token`,
      clientId: field("client-id").value,
      clientSecret: field("client-secret").value,
      clientAuth: /** @type {"client_secret_basic" | "client_secret_post"} */ (
        chosen("client-auth")
      ),
      ...(scope && { scope: scope.split(/\s+/) }),
      ...(resource && { resource }),
    };
  }

  function update() {
    updateEndpoint();
    updateWays();
    for (const id of TEXTS) showError(id, undefined);

    try {
      ec.buildMetadataRequest({ issuer: issuer() });
      const given = options();
      view.show({
        request: ec.buildTokenRequest(given),
        options: given,
        secretShown: secret.isShown(),
      });
    } catch (error) {
      if (!(error instanceof ec.AuthError)) throw error;
      view.hide();
      const about = ABOUT.find(({ words }) => words.test(error.message));
      showError(about?.id ?? "issuer", membersOf(error));
    }
  }

  function updateEndpoint() {
    const found = known.get(issuer());
    find("discover").hidden = found !== undefined;
    find("endpoint").textContent = found
      ? "from the issuer's metadata."
      : "ZITADEL's path; the issuer was not asked.";

    const methods = found?.methods ?? ["client_secret_basic"];
    find("methods").textContent = found ? `Its metadata say: ${methods.join(", ")}.` : "";
  }

  /** A way that there is not cannot be chosen, and says why. */
  function updateWays() {
    const reached = ways.reaches(issuer());
    const [browser, worker] = radios("way");
    browser.disabled = !reached && ways.hasWorker;
    worker.disabled = !ways.hasWorker;
    if (browser.disabled) worker.checked = true;
    find("way-note").textContent = noteOnWays(reached);
  }

  /** @param {boolean} reached */
  function noteOnWays(reached) {
    if (!ways.hasWorker) return "This page runs without its Worker.";
    if (reached) return "";
    return (
      "This page's Content-Security-Policy lets it ask the servers of the demo only; " +
      "the Worker may ask any."
    );
  }

  async function ask() {
    const given = options();
    const asked = issuer();
    try {
      ec.buildTokenRequest(given);
    } catch (error) {
      if (!(error instanceof ec.AuthError)) throw error;
      const wrong = document.querySelector("#try-it [aria-invalid]");
      if (wrong instanceof HTMLElement) wrong.focus();
      return announce(`Not sent: ${error.message}`);
    }

    const way = /** @type {import("../../shared/ways.js").Way} */ (chosen("way"));
    const sentAt = Date.now();
    const started = performance.now();
    const result = await ways.ask(way, "token", given);
    const took = performance.now() - started;

    const lookInside = (/** @type {string} */ accessToken) => inside.show(accessToken, asked);
    find("answer").hidden = false;
    find("answer-body").replaceChildren(
      ...answerElements(result, { way, sentAt, took, lookInside }),
    );
    announce(summaryOf(result));
    find("answer").scrollIntoView({ block: "nearest" });
  }
}
