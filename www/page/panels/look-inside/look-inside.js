// @ts-check
// The panel "Look inside": what a token is, whether its issuer's keys verify it, and what its
// issuer says of it.
import { rawAnswer } from "../../shared/answer-view.js";
import { decode } from "./decode.js";
import { announcer, element, find } from "../../shared/dom.js";
import { errorElement } from "../../shared/error-view.js";
import { field, secretField, whileWorking } from "../../shared/fields.js";
import { membersTable, rolesTable } from "./token-view.js";

/** @typedef {import("../../../server/page-server.js").Setting} Setting */
/** @typedef {import("../../shared/exchange.js").Introspected} Introspected */
/** @typedef {import("../../shared/exchange.js").Failure} Failure */
/** @typedef {ReturnType<typeof decode>} Decoded */

const WAYS = { browser: "in this browser", worker: "in the Worker" };

/**
 * @param {{
 *   ec: import("../../shared/exchange.js").Package;
 *   ways: import("../../shared/ways.js").Ways;
 * }} options
 */
export function startLookInside({ ec, ways }) {
  const announce = announcer("inside-status");
  /** @type {Decoded} */
  let decoded = { kind: "empty" };

  secretField("api-secret");
  field("token").addEventListener("input", update);
  for (const id of ["inside-issuer", "audience"]) field(id).addEventListener("input", forgetCheck);
  for (const id of ["inside-issuer", "api-id", "api-secret"])
    field(id).addEventListener("input", forgetIntrospection);
  find("check-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileWorking(find("check"), check);
  });
  find("introspect-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileWorking(find("introspect"), introspect);
  });
  update();

  function update() {
    decoded = decode(field("token").value);
    find("kind").replaceChildren(...kindOf(decoded));
    find("contents").replaceChildren(...contents(ec, decoded));
    forgetCheck();
    forgetIntrospection();
  }

  function forgetCheck() {
    find("check-result").replaceChildren();
    mark("unverified");
  }

  function forgetIntrospection() {
    find("introspection").replaceChildren();
  }

  /** @param {"unverified" | "verified" | "refused"} word */
  function mark(word) {
    const shown = document.getElementById("verified");
    if (!shown) return;
    shown.textContent = word;
    shown.className = `badge ${word}`;
  }

  /** @type {(id: string, sentence: string) => void} */
  function decline(id, sentence) {
    find(id).replaceChildren(element("p", { class: "quiet" }, sentence));
    announce(sentence);
  }

  async function check() {
    if (decoded.kind !== "jwt")
      return decline("check-result", "There is no JWT to check: only a JWT carries a signature.");
    const { token, header, claims } = decoded;
    const asked = field("token").value;
    const issuer = field("inside-issuer").value.trim();
    const named = field("audience").value.trim();
    const way = ways.usual(issuer);
    const question = { issuer, audience: named || audienceOf(claims), token };

    const result = await ways.ask(way, "verify", question);
    if (field("token").value !== asked) return;

    mark(result.error ? "refused" : "verified");
    find("check-result").replaceChildren(
      result.error ? errorElement(result.error) : signatureIsGood({ issuer, header, named }),
      element("p", { class: "quiet" }, `Checked ${WAYS[way]}.`),
    );
    announce(result.error ? `Refused: ${result.error.message}` : "The signature is good");
  }

  async function introspect() {
    if (decoded.kind === "empty")
      return decline("introspection", "There is no token to ask about.");
    const { token } = decoded;
    const asked = field("token").value;
    const question = {
      issuer: field("inside-issuer").value.trim(),
      clientId: field("api-id").value,
      clientSecret: field("api-secret").value,
      token,
    };
    const way = ways.usual(question.issuer);

    const result = await ways.ask(way, "introspect", question);
    if (field("token").value !== asked) return;

    const told = result.error
      ? [errorElement(result.error)]
      : introspected(ec, result.introspection);
    if (result.answer) {
      const raw = rawAnswer(result.answer, "the introspection endpoint");
      told.push(element("details", {}, element("summary", {}, "As it came"), raw));
    }
    const words = `Asked ${way === "browser" ? "from this browser" : "through the Worker"}.`;
    find("introspection").replaceChildren(...told, element("p", { class: "quiet" }, words));
    announce(introspectionInWords(result));
  }

  return {
    /** @param {Setting} setting */
    fill({ issuer, api }) {
      const texts = {
        "inside-issuer": issuer,
        audience: api?.audience ?? "",
        "api-id": api?.clientId ?? "",
        "api-secret": api?.clientSecret ?? "",
      };
      for (const [id, text] of Object.entries(texts)) field(id).value = text;
      forgetCheck();
      forgetIntrospection();
    },
    /** @type {(accessToken: string, issuer: string) => void} */
    show(accessToken, issuer) {
      field("token").value = accessToken;
      field("inside-issuer").value = issuer;
      update();
      find("look-inside").scrollIntoView();
      field("token").focus({ preventScroll: true });
    },
  };
}

/** @param {{ issuer: string; header: import("./decode.js").Members; named: string }} checked */
function signatureIsGood({ issuer, header, named }) {
  const key = typeof header.kid === "string" ? ` by the key ${header.kid}` : "";
  const whom = named
    ? `it is for ${named}`
    : "it is for whomever it names: no audience was asked for";
  return element(
    "p",
    { class: "good" },
    element("strong", {}, "The signature is good."),
    ` ${issuer} signed it${key}; ${whom}, and its time is now.`,
  );
}

/** @param {Introspected | Failure} result */
function introspectionInWords(result) {
  if (result.error) return `Not told: ${result.error.message}`;
  return result.introspection.active ? "The token is active" : "The token is not active";
}

/**
 * What it is, in a line or two.
 *
 * @type {(decoded: Decoded) => (Node | string)[]}
 */
function kindOf(decoded) {
  const told = (
    /** @type {string} */ kind,
    /** @type {string} */ about,
    /** @type {Node[]} */ ...more
  ) => [element("p", { class: "kind" }, kind, ...more), element("p", { class: "quiet" }, about)];
  switch (decoded.kind) {
    case "empty":
      return [element("p", { class: "quiet" }, "Paste a token, or get one above.")];
    case "broken":
      return told("Not a JWT", decoded.note);
    case "opaque":
      return told(
        "Opaque",
        `${length(decoded.token)}. Only its issuer knows what it stands for; ` +
          `introspection asks there. ${decoded.note}`,
      );
    case "jwe":
      return told(
        "Encrypted (JWE)",
        `${length(decoded.token)} in five parts. To everybody but its issuer it is opaque; ` +
          "introspection asks there.",
      );
    case "jwt":
      return told(
        "JWT",
        `${length(decoded.token)} in three parts. Anybody can write one: ` +
          "what counts is the signature.",
        element("span", { id: "verified", class: "badge unverified" }, "unverified"),
      );
  }
}

/**
 * @type {(
 *   ec: import("../../shared/exchange.js").Package,
 *   decoded: Decoded,
 * ) => (Node | string)[]}
 */
function contents(ec, decoded) {
  if (decoded.kind === "jwe") return [membersTable("Header", decoded.header)];
  if (decoded.kind !== "jwt") return [];
  const roles = rolesTable(ec, decoded.claims);
  return [
    ...(roles ? [roles] : []),
    membersTable("Claims", decoded.claims),
    membersTable("Header", decoded.header),
  ];
}

/**
 * @type {(
 *   ec: import("../../shared/exchange.js").Package,
 *   introspection: import("edge-credentials").Introspection,
 * ) => (Node | string)[]}
 */
function introspected(ec, introspection) {
  const { active } = introspection;

  if (!active) {
    const verdict = element("strong", {}, "Not active.");
    const why =
      " It ended, was revoked, is none of this issuer's, or is not for the API that asks.";
    return [element("p", { class: "error" }, verdict, why)];
  }

  const verdict = element("strong", {}, "Active.");
  const roles = rolesTable(ec, introspection);
  return [
    element("p", { class: "good" }, verdict, " The issuer takes it for good."),
    ...(roles ? [roles] : []),
    membersTable("What the issuer says", introspection),
  ];
}

/**
 * What the token says for itself.
 *
 * @param {import("./decode.js").Members} claims
 */
function audienceOf({ aud }) {
  const named = [aud].flat().filter((one) => typeof one === "string");
  return /** @type {string[]} */ (named);
}

/** @param {string} token */
function length(token) {
  return `${token.length.toLocaleString("en")} characters`;
}
