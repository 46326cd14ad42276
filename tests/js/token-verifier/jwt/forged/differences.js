// @ts-check
// Where this package and jose judge a token of the corpus differently, and why.
import { AUDIENCE } from "../../../support/fixtures/token-verifier.js";
import { NOW } from "./keys.js";

/** @typedef {{ why: string; names: string[] }} Difference `names`: of cases */

const NO_TEXTS = ["null", "true", "7", "7.5", "[7]", '{"CANARY":1}', `[["${AUDIENCE}"]]`];

/**
 * Refused by jose as it was asked.
 *
 * @type {Difference[]}
 */
export const TAKEN_HERE = [
  {
    why:
      "`Ed25519` is the newer name of what `EdDSA` is with this curve (RFC 9864 section " +
      "2.2); jose compares the `alg` of the key letter by letter",
    names: ["Ed25519 by a key for EdDSA, which is the same"],
  },
  {
    why:
      "Okta's access tokens have no `typ`, so that their claims must tell what they are; " +
      "whoever names a `typ` to jose makes it required",
    names: ["typ is missing"],
  },
  {
    why: "`JOSE` says no more than `JWT` (RFC 7515 section 4.1.9); jose is told one `typ`",
    names: ["typ JOSE", "typ Application/jose"],
  },
  {
    why:
      "without a `kid` each key that fits is tried; jose throws, and its error lets the " +
      "caller try them",
    names: ["kid is missing, and two keys may fit"],
  },
];

/**
 * Taken by jose as it was asked.
 *
 * @type {Difference[]}
 */
export const TAKEN_BY_JOSE = [
  {
    why:
      "a `b64` that is not critical jose ignores, and others heed (RFC 7797 section 6): " +
      "what readers disagree on is refused here",
    names: ["null", "[]", '["exp"]', '["b64"]', '["CANARY"]', '"exp"', "{}", "false", "true"].map(
      (text) => `b64 is ${text}`,
    ),
  },
  {
    why: "a byte order mark must not be there (RFC 8259 section 8.1); jose's decoder drops it",
    names: ["the header is a mark in front", "the payload is a mark in front"],
  },
  {
    why: "nesting ends at 128 levels here; JavaScript's parser knows no end",
    names: [
      "the header is deep nesting",
      "the payload is deep nesting",
      "the payload is deep nesting of objects",
    ],
  },
  {
    why:
      "half of a surrogate pair is no character and cannot be written in UTF-8; " +
      "JavaScript's strings hold it",
    names: ["the header is half a character", "the payload is half a character"],
  },
  {
    why:
      "JavaScript's parser reads a number too large as infinity, so that a token would " +
      "never end; here it is no number",
    names: [
      "the header is a number too large",
      "exp is 1e400",
      "nbf is -1e400",
      "iat is 1e400",
      "iat is -1e400",
    ],
  },
  {
    why: "`sub` is a string (RFC 7519 section 4.1.2); jose leaves it to whoever reads it",
    names: [...NO_TEXTS, "[]", '["CANARY"]'].map((text) => `sub is ${text}`),
  },
  {
    why: "`client_id` is a string (RFC 8693 section 4.3); jose leaves it to whoever reads it",
    names: [...NO_TEXTS, "[]", '["CANARY"]'].map((text) => `client_id is ${text}`),
  },
  {
    why:
      "`scope` is a string of scopes (RFC 8693 section 4.2), or an array of them as Duende " +
      "writes it; jose leaves it to whoever reads it",
    names: [
      ...NO_TEXTS,
      '["a b"]',
      '"a\\nb"',
      '"a\\"b"',
      '"a\\\\b"',
      '"é"',
      '["a",7]',
      '["a",["b"]]',
      '[""]',
    ].map((text) => `scope is ${text}`),
  },
  {
    why:
      "a token without `exp` never ends; jose requires it only when told to, by " +
      "`requiredClaims`",
    names: ["exp is missing"],
  },
  {
    why:
      "`aud` is an array of strings (RFC 7519 section 4.1.3); jose looks for its own among " +
      "whatever is there",
    names: [`["${AUDIENCE}",7]`, `["${AUDIENCE}",null]`, `["${AUDIENCE}",["x"]]`].map(
      (text) => `aud is ${text}`,
    ),
  },
  {
    why:
      "a token issued in the future tells of a clock that is off; jose looks at `iat` only " +
      "when told a `maxTokenAge`",
    names: [String(NOW + 31), `${NOW + 30}.5`, "1e300", `${NOW * 1000}`].map(
      (text) => `iat is ${text}`,
    ),
  },
  {
    why:
      "an id_token, a refresh token or a logout token is signed by the same key for the " +
      "same issuer (RFC 9068 section 5); jose verifies JWTs of any kind",
    names: [
      ...["nonce", "at_hash", "c_hash", "s_hash", "events", "code"].flatMap((claim) =>
        ['"CANARY"', '""', "null", "false"].map((text) => `another kind by ${claim} ${text}`),
      ),
      ...['"ID"', '"Refresh"', '"Offline"', '"Logout"', '"CANARY"', '""'].map(
        (text) => `another kind by typ ${text}`,
      ),
      ...['token_use "id"', 'tokenName "refresh_token"', `azp "${AUDIENCE}"`].map(
        (sign) => `another kind by ${sign}`,
      ),
      "payload typ Bearer, but token_use id",
    ],
  },
  {
    why:
      "a token that is bound to a key proves nothing without the key (RFC 7800 section 3); " +
      "jose leaves that to whoever reads it",
    names: ['{"jkt":"CANARY"}', '{"x5t#S256":"CANARY"}', "{}", "null"].map(
      (text) => `cnf is ${text}`,
    ),
  },
  {
    why:
      "names in a header must be unique (RFC 7515 section 4); JavaScript's parser takes " +
      "the last, as that section permits, and others the first",
    names: [
      ...["alg", "\\u0061lg", "kid", "\\u006bid", "typ", "\\u0074yp"].map(
        (name) => `header with ${name} twice`,
      ),
      "header with a name twice, further in",
    ],
  },
  {
    why:
      "names of claims must be unique (RFC 7519 section 4); JavaScript's parser takes the " +
      "last, as that section permits, and others the first",
    names: [
      ...[
        "iss",
        "\\u0069ss",
        "sub",
        "\\u0073ub",
        "aud",
        "\\u0061ud",
        "exp",
        "\\u0065xp",
        "iat",
        "\\u0069at",
        "nbf",
        "\\u006ebf",
        "client_id",
        "\\u0063lient_id",
        "jti",
        "\\u006ati",
      ].map((name) => `payload with ${name} twice`),
      "payload with a name twice, further in",
    ],
  },
  {
    why: "whitespace is no part of base64url; JavaScript's `atob` skips it",
    names: ['" " after it', '"\\t" after it', '"\\n" after it', '"\\r\\n" after it'],
  },
  {
    why:
      "base64url has no padding in a JWS (RFC 7515 section 2); JavaScript's `atob` takes " +
      "it where it is right",
    names: ["the signature with =="],
  },
  {
    why:
      "bits that no byte takes must be zero (RFC 4648 section 3.5), else one token has " +
      "many texts; JavaScript's `atob` drops them",
    names: [
      ...Array.from({ length: 15 }, (_, i) => `the signature in another spelling, ${i + 1}`),
      "the payload in another spelling, signed so",
      "the header in another spelling, signed so",
    ],
  },
  {
    why:
      "a JWT ends at 64 KiB here, or at `maxTokenLength`, and any other token at 16 KiB; jose " +
      "takes any length",
    names: ["longer than a token may be", "1 MiB, signed"],
  },
];
