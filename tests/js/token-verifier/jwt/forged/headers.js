// @ts-check
// Headers: each member missing, of a wrong type, of another value; keys that the token brings
// along.
import { createHmac, createPublicKey } from "node:crypto";
import { base64url } from "../../../support/keys/jwt.js";
import { ALGORITHMS, header, KEYS, resigned, STRANGER, token, withText } from "./keys.js";

/** @typedef {import("./keys.js").Case} Case */

const OTHER_TYPES = ["null", "true", "256", '["CANARY"]', '{"CANARY":1}', '[["JWT"]]'];

/** @returns {Case[]} */
export function headers() {
  return [
    ...algorithms(),
    ...publicKeysAsSecrets(),
    ...families(),
    ...types(),
    ...keyIds(),
    ...extensions(),
    ...keysBroughtAlong(),
    ...forms(),
  ];
}

/** @returns {Case[]} */
function algorithms() {
  // "none" with each of its letters small or large.
  const none = Array.from({ length: 16 }, (_, bits) =>
    [..."none"].map((letter, i) => (bits & (1 << i) ? letter.toUpperCase() : letter)).join(""),
  );
  const unknown = [
    "",
    "HS256",
    "HS384",
    "HS512",
    "es256",
    "ES256 ",
    "ES257",
    "ES256K",
    "Ed448",
    "ES",
    "RSA-OAEP",
    "dir",
    "A128KW",
    "__proto__",
    "constructor",
    "CANARY",
  ];
  return [
    ...none.flatMap(
      (alg) =>
        /** @type {Case[]} */ ([
          { name: `alg ${alg}, signed`, token: token({}, { alg }), expected: "token_invalid" },
          {
            name: `alg ${alg}, unsigned`,
            token: resigned(token({}, { alg, kid: undefined }), ""),
            expected: "token_invalid",
          },
        ]),
    ),
    ...unknown.map(
      (alg) =>
        /** @type {Case} */ ({
          name: `alg ${JSON.stringify(alg)}`,
          token: token({}, { alg }),
          expected: "token_invalid",
        }),
    ),
    ...OTHER_TYPES.map(
      (text) =>
        /** @type {Case} */ ({
          name: `alg is ${text}`,
          token: token({}, withText(header(KEYS.es256), "alg", text)),
          expected: "token_invalid",
        }),
    ),
    { name: "alg is missing", token: token({}, { alg: undefined }), expected: "token_invalid" },
    {
      name: "alg stands in the payload alone",
      token: token({ alg: "ES256" }, { alg: undefined }),
      expected: "token_invalid",
    },
  ];
}

/**
 * Who takes HMAC and RSA by one interface verifies with the public key as secret.
 *
 * @returns {Case[]}
 */
function publicKeysAsSecrets() {
  return [KEYS.rsa, KEYS.es256, KEYS.ed].flatMap((key) => {
    /** @type {Record<string, unknown>} */
    const jwk = key.jwk;
    const spki = createPublicKey(/** @type {any} */ (key.privateKey));
    const pem = String(spki.export({ format: "pem", type: "spki" }));
    const text = JSON.stringify(jwk);
    /** @type {Record<string, string | Buffer>} */
    const secrets = {
      PEM: pem,
      "trimmed PEM": pem.trim(),
      DER: spki.export({ format: "der", type: "spki" }),
      JWK: text,
      "number of the JWK": Buffer.from(String(jwk.n ?? jwk.x), "base64url"),
      "empty text": "",
    };
    return Object.entries(secrets).flatMap(([what, secret]) =>
      ["HS256", "HS384", "HS512"].map((alg) => {
        const unsigned = token({}, { alg, kid: key.kid });
        const mac = createHmac(`sha${alg.slice(2)}`, secret)
          .update(unsigned.slice(0, unsigned.lastIndexOf(".")))
          .digest();
        return /** @type {Case} */ ({
          name: `${alg} by the ${what} of ${key.kid}`,
          token: resigned(unsigned, mac),
          expected: "token_invalid",
        });
      }),
    );
  });
}

/**
 * Signed as the key does, but by its header otherwise.
 *
 * @returns {Case[]}
 */
function families() {
  const lengths = new Map(ALGORITHMS.map(([alg, , length]) => [alg, length]));
  const isRsa = (/** @type {string} */ alg) => /^[RP]S/.test(alg);
  const isEd = (/** @type {string} */ alg) => alg.startsWith("Ed");
  return ALGORITHMS.flatMap(([alg, key]) =>
    ALGORITHMS.filter(([said]) => said !== alg && !(isEd(said) && isEd(alg))).flatMap(([said]) => {
      const forged = token({}, { alg: said }, key);
      if (isRsa(said) && isRsa(alg))
        return /** @type {Case[]} */ ([
          { name: `${said} by its header, but ${alg}`, token: forged, expected: "token_invalid" },
        ]);
      const rightLength = resigned(forged, new Uint8Array(lengths.get(said) ?? 0).fill(1));
      return /** @type {Case[]} */ ([
        { name: `${said} by its header, but ${alg}`, token: forged, expected: "token_invalid" },
        {
          name: `${said} by its header, as long, with the key of ${alg}`,
          token: rightLength,
          expected: "token_invalid",
        },
      ]);
    }),
  ).concat([
    {
      name: "PS256 by a key for RS256",
      token: token({}, { alg: "PS256" }, { ...KEYS.rs256, alg: "PS256" }),
      expected: "token_invalid",
    },
    {
      name: "Ed25519 by a key for EdDSA, which is the same",
      token: token({}, { alg: "Ed25519" }, KEYS.edDsa),
      expected: "good",
    },
  ]);
}

/** @returns {Case[]} */
function types() {
  // `JOSE` and `application/` say no more than `JWT` (RFC 7515 section 4.1.9).
  const good = [
    "JWT",
    "jwt",
    "Jwt",
    "JOSE",
    "application/jwt",
    "Application/jose",
    "at+jwt",
    "AT+JWT",
    "at+JWT",
    "application/at+jwt",
    "Application/At+Jwt",
  ];
  const others = [
    "",
    "CANARY",
    "JWS",
    "JOSE+JSON",
    "dpop+jwt",
    "logout+jwt",
    "secevent+jwt",
    "id_token+jwt",
    "at+jwt ",
    " JWT",
    "at-jwt",
    "text/at+jwt",
    "application/",
    "application/application/at+jwt",
    "JWT,at+jwt",
    "ID",
    "JWT\u0000",
    "ſ+jwt",
    "application/at+jwt;v=1",
  ];
  return [
    ...good.map(
      (typ) =>
        /** @type {Case} */ ({ name: `typ ${typ}`, token: token({}, { typ }), expected: "good" }),
    ),
    ...others.map(
      (typ) =>
        /** @type {Case} */ ({
          name: `typ ${JSON.stringify(typ)}`,
          token: token({}, { typ }),
          expected: "token_invalid",
        }),
    ),
    ...OTHER_TYPES.map(
      (text) =>
        /** @type {Case} */ ({
          name: `typ is ${text}`,
          token: token({}, withText(header(KEYS.es256), "typ", text)),
          expected: "token_invalid",
        }),
    ),
    { name: "typ is missing", token: token({}, { typ: undefined }), expected: "good" },
  ];
}

/** @returns {Case[]} */
function keyIds() {
  const unknown = [
    "",
    "CANARY",
    "../../dev/null",
    "CANARY-ES256",
    "CANARY-es256 ",
    "' OR 1=1 --",
    "__proto__",
    "constructor",
    "0",
    "k".repeat(256),
    "\u0000",
    "é",
  ];
  return [
    ...unknown.map(
      (kid) =>
        /** @type {Case} */ ({
          name: `kid ${JSON.stringify(kid).slice(0, 30)} of ${kid.length}`,
          token: token({}, { kid }),
          expected: "key_unknown",
        }),
    ),
    ...[257, 1_000, 9_000].map(
      (length) =>
        /** @type {Case} */ ({
          name: `kid of ${length} characters`,
          token: token({}, { kid: "k".repeat(length) }),
          expected: "token_invalid",
        }),
    ),
    {
      name: "kid of 129 characters of two bytes",
      token: token({}, { kid: "é".repeat(129) }),
      expected: "token_invalid",
    },
    ...OTHER_TYPES.map(
      (text) =>
        /** @type {Case} */ ({
          name: `kid is ${text}`,
          token: token({}, withText(header(KEYS.es256), "kid", text)),
          expected: "token_invalid",
        }),
    ),
    {
      name: "kid of another key of the same kind",
      token: token({}, { kid: KEYS.other.kid }),
      expected: "token_invalid",
    },
    {
      name: "kid is missing, and two keys may fit",
      token: token({}, { kid: undefined }),
      expected: "good",
    },
    {
      name: "kid is missing, and one key fits",
      token: token({}, { kid: undefined }, KEYS.es384),
      expected: "good",
    },
  ];
}

/** @returns {Case[]} */
function extensions() {
  const values = ["null", "[]", '["exp"]', '["b64"]', '["CANARY"]', '"exp"', "{}", "false", "true"];
  return ["crit", "b64"]
    .flatMap((name) =>
      values.map(
        (text) =>
          /** @type {Case} */ ({
            name: `${name} is ${text}`,
            token: token({}, withText(header(KEYS.es256), name, text)),
            expected: "token_invalid",
          }),
      ),
    )
    .concat([
      {
        name: "b64 is false and critical",
        token: token({}, { crit: ["b64"], b64: false }),
        expected: "token_invalid",
      },
    ]);
}

/**
 * A key, or where one is, is nothing that a token says.
 *
 * @returns {Case[]}
 */
function keysBroughtAlong() {
  const { kid, ...own } = STRANGER.jwk;
  /** @type {Record<string, unknown>} */
  const values = {
    jwk: own,
    jku: "https://CANARY.example/keys",
    x5u: "https://CANARY.example/cert",
    x5c: [base64url("CANARY")],
    x5t: "CANARY",
    "x5t#S256": "CANARY",
    keys: [own],
    cty: "JWT",
    jwks: { keys: [own] },
  };
  return Object.entries(values).flatMap(
    ([name, value]) =>
      /** @type {Case[]} */ ([
        {
          name: `${name} of a stranger's, kid of the issuer's`,
          token: token({}, { [name]: value, kid: KEYS.es256.kid }, STRANGER),
          expected: "token_invalid",
        },
        {
          name: `${name} of a stranger's, and the kid`,
          token: token({}, { [name]: value }, STRANGER),
          expected: "key_unknown",
        },
        {
          name: `${name} of a stranger's, without kid`,
          token: token({}, { [name]: value, kid: undefined }, STRANGER),
          expected: "token_invalid",
        },
        {
          name: `${name} of a stranger's, but signed by the issuer`,
          token: token({}, { [name]: value }),
          expected: "good",
        },
      ]),
  );
}

/** @returns {Case[]} */
function forms() {
  const right = JSON.stringify(header(KEYS.es256));
  /** @type {Record<string, string>} */
  const wrong = {
    nothing: "",
    null: "null",
    "a number": "7",
    "a text": '"ES256"',
    "an array": `[${right}]`,
    two: right + right,
    "garbage after it": `${right}x`,
    "a comma too many": `${right.slice(0, -1)},}`,
    "cut off": right.slice(0, -1),
    "a comment": `${right}//`,
    "single quotes": right.replaceAll('"', "'"),
    "a mark in front": `\u{feff}${right}`,
    "deep nesting": withText(header(KEYS.es256), "x", `${"[".repeat(3_000)}${"]".repeat(3_000)}`),
    "brackets that stay open": "[".repeat(5_000),
    "half a character": withText(header(KEYS.es256), "x", '"\\ud800"'),
    "a number too large": withText(header(KEYS.es256), "x", "1e400"),
  };
  return [
    ...Object.entries(wrong).map(
      ([what, text]) =>
        /** @type {Case} */ ({
          name: `the header is ${what}`,
          token: token({}, text),
          expected: "token_invalid",
        }),
    ),
    { name: "the header has spaces around", token: token({}, ` \t${right}\r\n`), expected: "good" },
    {
      name: "the header has members of any kind",
      token: token({}, { nonce: "x", __proto__: null, x: [{ y: null }] }),
      expected: "good",
    },
    {
      name: "the header has a member __proto__",
      token: token({}, withText(header(KEYS.es256), "__proto__", '{"alg":"none"}')),
      expected: "good",
    },
  ];
}
