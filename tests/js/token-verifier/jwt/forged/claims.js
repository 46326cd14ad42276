// @ts-check
// Claims, signed by the issuer: each missing, of a wrong type, of another value; those of other
// kinds of token; names that stand twice.
import { AUDIENCE, ISSUER } from "../../../support/fixtures/token-verifier.js";
import { claims as right, header, KEYS, NOW, token, withText } from "./keys.js";

/** @typedef {import("./keys.js").Case} Case */
/** @typedef {Case["expected"]} Expected */

const KINDS = [
  "null",
  "true",
  "7",
  "7.5",
  '"CANARY"',
  "[]",
  '["CANARY"]',
  "[7]",
  '{"CANARY":1}',
  `[["${AUDIENCE}"]]`,
];

/** @returns {Case[]} */
export function claims() {
  return [
    ...kinds(),
    ...issuers(),
    ...audiences(),
    ...times(),
    ...scopes(),
    ...otherKinds(),
    ...bound(),
    ...duplicates(),
    ...forms(),
  ];
}

/**
 * One claim as text, whatever the text is.
 *
 * @type {(claim: string, text: string, expected: Expected) => Case}
 */
function one(claim, text, expected) {
  return {
    name: `${claim} is ${text.slice(0, 50)}`,
    token: token(withText(right(), claim, text)),
    expected,
  };
}

/** @returns {Case[]} */
function kinds() {
  const isText = (/** @type {string} */ kind) => kind.startsWith('"');
  const isNumber = (/** @type {string} */ kind) => kind.startsWith("7");
  const areTexts = (/** @type {string} */ kind) => ['"CANARY"', "[]", '["CANARY"]'].includes(kind);
  /** @type {Record<string, (kind: string) => Expected>} */
  const expected = {
    iss: () => "token_invalid",
    sub: (kind) => (isText(kind) ? "good" : "token_invalid"),
    client_id: (kind) => (isText(kind) ? "good" : "token_invalid"),
    aud: (kind) => (areTexts(kind) ? "audience_refused" : "token_invalid"),
    exp: (kind) => (isNumber(kind) ? "token_expired" : "token_invalid"),
    nbf: (kind) => (isNumber(kind) ? "good" : "token_invalid"),
    iat: (kind) => (isNumber(kind) ? "good" : "token_invalid"),
    scope: (kind) => (areTexts(kind) ? "good" : "token_invalid"),
    jti: () => "good",
  };
  const missing = {
    iss: "token_invalid",
    aud: "audience_refused",
    exp: "token_invalid",
    sub: "good",
    client_id: "good",
    nbf: "good",
    iat: "good",
    jti: "good",
  };
  return [
    ...Object.entries(expected).flatMap(([claim, judge]) =>
      KINDS.map((kind) => one(claim, kind, judge(kind))),
    ),
    ...Object.entries(missing).map(([claim, expected]) => ({
      name: `${claim} is missing`,
      token: token({ [claim]: undefined }),
      expected: /** @type {Expected} */ (expected),
    })),
  ];
}

/** @returns {Case[]} */
function issuers() {
  const others = [
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    `${ISSUER}.evil.example`,
    ISSUER.slice(0, -1),
    ISSUER.replace("https", "http"),
    `${ISSUER}:443`,
    ` ${ISSUER}`,
    `${ISSUER}\u0000`,
    ISSUER.replace("idp", "ıdp"),
    ISSUER.replace("//", "//x@"),
    "",
  ];
  return others
    .map((issuer) => one("iss", JSON.stringify(issuer), "token_invalid"))
    .concat(
      one("iss", `["${ISSUER}"]`, "token_invalid"),
      one("iss", `{"${ISSUER}":"${ISSUER}"}`, "token_invalid"),
    );
}

/** @returns {Case[]} */
function audiences() {
  const refused = [
    '""',
    '[""]',
    `"${AUDIENCE} "`,
    `"${AUDIENCE}0"`,
    `"${AUDIENCE.slice(1)}"`,
    `"${AUDIENCE},x"`,
    `"x ${AUDIENCE}"`,
    `["x ${AUDIENCE}"]`,
    '["x","y"]',
    `"\\u0000${AUDIENCE}"`,
    '"*"',
  ];
  const invalid = [
    AUDIENCE,
    `[${AUDIENCE}]`,
    `{"0":"${AUDIENCE}"}`,
    `{"length":1,"0":"${AUDIENCE}"}`,
    `["${AUDIENCE}",7]`,
    `["${AUDIENCE}",null]`,
    `["${AUDIENCE}",["x"]]`,
    `{"includes":"${AUDIENCE}"}`,
  ];
  return [
    ...refused.map((text) => one("aud", text, "audience_refused")),
    ...invalid.map((text) => one("aud", text, "token_invalid")),
    one("aud", `"${AUDIENCE}"`, "good"),
    one("aud", `["${AUDIENCE}","${AUDIENCE}"]`, "good"),
    one("aud", `"\\u00${AUDIENCE.charCodeAt(0).toString(16)}${AUDIENCE.slice(1)}"`, "good"),
    one("aud", `[${'"x",'.repeat(1_000)}"${AUDIENCE}"]`, "good"),
  ];
}

/**
 * The leeway is 30 s.
 *
 * @returns {Case[]}
 */
function times() {
  const texts = [
    `"${NOW + 3600}"`,
    `[${NOW + 3600}]`,
    `{"valueOf":${NOW + 3600}}`,
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    `0${NOW + 3600}`,
    `+${NOW + 3600}`,
    "0x7fffffff",
    `${NOW + 3600}n`,
    "1_000",
    ".5",
    "1.",
  ];
  return [
    ...["exp", "nbf", "iat"].flatMap((claim) =>
      texts.map((text) => one(claim, text, "token_invalid")),
    ),
    ...[
      "0",
      "-1",
      "-0",
      "-1e300",
      "1e-400",
      String(NOW - 30),
      String(NOW - 31),
      `${NOW - 31}.999`,
      String(NOW - 43_199),
    ].map((text) => one("exp", text, "token_expired")),
    ...[
      String(NOW - 29),
      `${NOW - 29}.5`,
      `${NOW}.25`,
      "1e300",
      "9007199254740993",
      "1.8e9",
      `${NOW * 1000}`,
    ].map((text) => one("exp", text, "good")),
    ...["nbf", "iat"].flatMap((claim) => [
      ...[String(NOW + 31), `${NOW + 30}.5`, "1e300", `${NOW * 1000}`].map((text) =>
        one(claim, text, "token_expired"),
      ),
      ...[String(NOW + 30), `${NOW}.5`, "0", "-1", "-1e300"].map((text) =>
        one(claim, text, "good"),
      ),
    ]),
  ];
}

/** @returns {Case[]} */
function scopes() {
  return [
    ...['["a b"]', '"a\\nb"', '"a\\"b"', '"a\\\\b"', '"é"', '["a",7]', '["a",["b"]]', '[""]'].map(
      (text) => one("scope", text, "token_invalid"),
    ),
    ...['""', '"a"', '"a  b"', '["a","b"]'].map((text) => one("scope", text, "good")),
  ];
}

/** Signs of another kind of token: what is said, and what no access token has. */
const SIGNS = [
  ...["nonce", "at_hash", "c_hash", "s_hash", "events", "code"].flatMap((name) =>
    ['"CANARY"', '""', "null", "false"].map((text) => [name, text]),
  ),
  ...['"ID"', '"Refresh"', '"Offline"', '"Logout"', '"CANARY"', '""'].map((text) => ["typ", text]),
  ["token_use", '"id"'],
  ["tokenName", '"refresh_token"'],
  ["azp", `"${AUDIENCE}"`],
];

/** @returns {Case[]} */
function otherKinds() {
  // An `azp` that is not of `aud` says nothing: Entra v2 and Auth0 have it in access tokens.
  const keycloak = { azp: "CANARY", scope: "openid" };
  return [
    ...SIGNS.flatMap(
      ([claim, text]) =>
        /** @type {Case[]} */ ([
          {
            name: `another kind by ${claim} ${text}`,
            token: token(withText(right(), claim, text)),
            expected: "token_invalid",
          },
          {
            name: `another kind by ${claim} ${text}, without typ`,
            token: token(withText(right(), claim, text), { typ: undefined }),
            expected: "token_invalid",
          },
          {
            name: `${claim} ${text}, but at+jwt`,
            token: token(withText(right(), claim, text), { typ: "at+jwt" }),
            expected: "good",
          },
        ]),
    ),
    ...["null", "true", "7", '["ID"]', '{"ID":1}'].flatMap((text) =>
      ["typ", "token_use", "tokenName"].map(
        (claim) =>
          /** @type {Case} */ ({ ...one(claim, text, "good"), name: `claim ${claim} is ${text}` }),
      ),
    ),
    ...['"CANARY"', "null", `["${AUDIENCE}"]`].map((text) => one("azp", text, "good")),
    { name: "azp beside jti and scope", token: token(keycloak), expected: "good" },
    {
      name: "azp beside jti alone",
      token: token({ ...keycloak, scope: undefined }),
      expected: "good",
    },
    {
      name: "azp beside scope alone",
      token: token({ ...keycloak, jti: undefined }),
      expected: "good",
    },
    {
      name: "azp of aud beside scope",
      token: token({ azp: AUDIENCE, scope: "openid" }),
      expected: "good",
    },
    {
      name: "nonce beside scope",
      token: token({ nonce: "CANARY", scope: "openid" }),
      expected: "good",
    },
    { name: "payload typ Bearer", token: token({ typ: "Bearer" }), expected: "good" },
    {
      name: "payload typ Bearer beside nonce and at_hash",
      token: token({ typ: "Bearer", nonce: "CANARY", at_hash: "CANARY" }),
      expected: "good",
    },
    {
      name: "payload typ Bearer, but token_use id",
      token: token({ typ: "Bearer", token_use: "id" }),
      expected: "token_invalid",
    },
  ];
}

/**
 * Whoever only has the token has not the key.
 *
 * @returns {Case[]}
 */
function bound() {
  return ['{"jkt":"CANARY"}', '{"x5t#S256":"CANARY"}', "{}", "null"].map((text) =>
    one("cnf", text, "token_invalid"),
  );
}

/** @returns {Case[]} */
function duplicates() {
  const head = header(KEYS.es256);
  const body = right();
  const again = (/** @type {string} */ name) => [
    name,
    `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
  ];
  /** @type {(object: Record<string, unknown>, name: string, text: string) => string} */
  const twice = (object, name, text) => `{"${name}":${text},${JSON.stringify(object).slice(1)}`;
  return [
    ...Object.keys(head).flatMap((name) =>
      again(name).map((spelling) => ({
        name: `header with ${spelling} twice`,
        token: token({}, twice(head, spelling, '"none"')),
        expected: /** @type {const} */ ("token_invalid"),
      })),
    ),
    ...Object.keys(body).flatMap((name) =>
      again(name).map((spelling) => ({
        name: `payload with ${spelling} twice`,
        token: token(
          twice(
            body,
            spelling,
            JSON.stringify(Object.entries(body).find(([one]) => one === name)?.[1]),
          ),
        ),
        expected: /** @type {const} */ ("token_invalid"),
      })),
    ),
    {
      name: "header with a name twice, further in",
      token: token({}, withText(head, "x", '[{"a":1,"a":1}]')),
      expected: "token_invalid",
    },
    {
      name: "payload with a name twice, further in",
      token: token(withText(body, "x", '[{"a":1,"\\u0061":1}]')),
      expected: "token_invalid",
    },
    {
      name: "payload with names that differ in case",
      token: token({ Exp: 1, EXP: "x" }),
      expected: "good",
    },
  ];
}

/** @returns {Case[]} */
function forms() {
  const text = JSON.stringify(right());
  /** @type {Record<string, string>} */
  const wrong = {
    nothing: "",
    null: "null",
    "a number": "7",
    "a text": '"CANARY"',
    "an array": `[${text}]`,
    two: text + text,
    "garbage after it": `${text}x`,
    "a NUL after it": `${text}\u0000`,
    "cut off": text.slice(0, -1),
    "a mark in front": `\u{feff}${text}`,
    "no JSON": "CANARY",
    "a token": token(),
    "half a character": withText(right(), "x", '"\\ud800"'),
    "deep nesting": withText(right(), "x", `${"[".repeat(4_000)}${"]".repeat(4_000)}`),
    "deep nesting of objects": withText(
      right(),
      "x",
      `${'{"a":'.repeat(1_500)}1${"}".repeat(1_500)}`,
    ),
    "brackets that stay open": "[".repeat(8_000),
    "a line break in a text": withText(right(), "x", '"\n"'),
  };
  return [
    ...Object.entries(wrong).map(
      ([what, payload]) =>
        /** @type {Case} */ ({
          name: `the payload is ${what}`,
          token: token(payload),
          expected: "token_invalid",
        }),
    ),
    { name: "the payload has spaces around", token: token(`\r\n ${text}\t`), expected: "good" },
    {
      name: "the payload has a claim __proto__",
      token: token(withText(right(), "__proto__", '{"exp":1,"CANARY":1}')),
      expected: "good",
    },
    {
      name: "the payload has claims of any kind",
      token: token({ x: [null, { y: [1.5, "é\u{1f600}"] }], constructor: 1, toString: null }),
      expected: "good",
    },
    {
      name: "the payload nests a hundred deep",
      token: token(withText(right(), "x", `${"[".repeat(100)}${"]".repeat(100)}`)),
      expected: "good",
    },
  ];
}
