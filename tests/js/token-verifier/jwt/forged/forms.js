// @ts-check
// The form of tokens: parts, base64url, what is around them, how long they are.
import { base64url, signature } from "../../../support/keys/jwt.js";
import { claims, header, KEYS, resigned, signatureOf, token } from "./keys.js";

/** @typedef {import("./keys.js").Case} Case */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** @returns {Case[]} */
export function forms() {
  return [...parts(), ...garbage(), ...base64(), ...lengths()];
}

/** @returns {Case[]} */
function parts() {
  const good = token();
  const [head, payload, mac] = good.split(".");
  const [, , anotherMac] = token({ jti: "CANARY-2" }).split(".");
  const opaque = {
    "one part": payload,
    "two parts": `${head}.${payload}`,
    "four parts": `${good}.${mac}`,
    "five parts": `${head}.${payload}.${mac}.${mac}.${mac}`,
    "five parts, as a JWE has them": `${head}..${payload}.${mac}.${mac}`,
    "many parts": `${good}${".x".repeat(1_000)}`,
  };
  // By an empty part a JWT could pass for an opaque token.
  const empty = {
    "two parts, the last empty": `${head}.`,
    "a dot": ".",
    "four parts, the last empty": `${good}.`,
    "four parts, the first empty": `.${good}`,
    "four dots": "....",
  };
  const three = {
    "two dots": "..",
    "no header": `.${payload}.${mac}`,
    "no signature": `${head}.${payload}.`,
    "no header and no signature": `.${payload}.`,
    "no payload and no signature": `${head}..`,
    "the payload as header": `${payload}.${payload}.${mac}`,
    "the parts in another order": `${payload}.${head}.${mac}`,
    "no payload": `${head}..${mac}`,
    "another payload": `${head}.${token({ sub: "CANARY-admin" }).split(".")[1]}.${mac}`,
    "another header": `${token({}, { typ: "at+jwt" }).split(".")[0]}.${payload}.${mac}`,
    "the signature of another token": `${head}.${payload}.${anotherMac}`,
  };
  return [
    ...Object.entries({ ...opaque, ...three }).map(
      ([name, token]) => /** @type {Case} */ ({ name, token, expected: "token_invalid" }),
    ),
    ...Object.entries(empty).map(
      ([name, token]) => /** @type {Case} */ ({ name, token, expected: "token_malformed" }),
    ),
    { name: "nothing", token: "", expected: "token_missing" },
    {
      name: "a JSON serialization",
      token: JSON.stringify({ protected: head, payload, signature: mac }),
      expected: "token_malformed",
    },
  ];
}

/**
 * What RFC 6750 lets stand in a token, and what not.
 *
 * @returns {Case[]}
 */
function garbage() {
  const good = token();
  const [head, payload, mac] = good.split(".");
  const malformed = [
    " ",
    "\t",
    "\n",
    "\r\n",
    "\u0000",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "é",
    "%3D",
    "&",
    "!",
    ",",
    ";",
    ":",
    "#",
    "@",
    "\\",
    "[",
    "{}",
    "(",
    "|",
    '"',
    "'",
    "<",
    "$",
    "*",
    "\u{1f600}",
    "\ud800",
  ];
  const within = ["+", "/", "~", "+/", "~~~~"];
  return [
    ...malformed.flatMap((text) =>
      Object.entries({
        after: good + text,
        before: text + good,
        within: `${head}.${text}${payload}.${mac}`,
      }).map(
        ([where, token]) =>
          /** @type {Case} */ ({
            name: `${JSON.stringify(text)} ${where} it`,
            token,
            expected: "token_malformed",
          }),
      ),
    ),
    ...within.flatMap((text) =>
      Object.entries({
        after: good + text,
        before: text + good,
        "in the payload of": `${head}.${text}${payload}.${mac}`,
        "before the signature of": `${head}.${payload}.${text}${mac}`,
      }).map(
        ([where, token]) =>
          /** @type {Case} */ ({ name: `${text} ${where} it`, token, expected: "token_invalid" }),
      ),
    ),
    { name: "another token after it", token: good + good, expected: "token_invalid" },
    { name: "another token after a comma", token: `${good},${good}`, expected: "token_malformed" },
    { name: "a letter after it", token: `${good}A`, expected: "token_invalid" },
    { name: "four letters after it", token: `${good}AAAA`, expected: "token_invalid" },
    { name: "four letters before it", token: `AAAA${good}`, expected: "token_invalid" },
  ];
}

/** @returns {Case[]} */
function base64() {
  const good = token();
  const [head, payload, mac] = good.split(".");
  // 64 bytes leave two bits for the last letter, which has room for six.
  const spellings = [...ALPHABET].filter(
    (letter) =>
      (ALPHABET.indexOf(letter) ^ ALPHABET.indexOf(mac.slice(-1))) < 16 && letter !== mac.slice(-1),
  );
  /**
   * Signed as it stands, which only the issuer can.
   *
   * @type {(head: string, payload: string) => string}
   */
  const signed = (head, payload) =>
    `${head}.${payload}.${base64url(signature(KEYS.es256, `${head}.${payload}`))}`;
  const text = JSON.stringify(claims({ x: "" })).slice(0, -2);
  const withBytes = (/** @type {number[]} */ ...bytes) =>
    base64url(Buffer.concat([Buffer.from(text), Buffer.from([...bytes, 0x22, 0x7d])]));
  return [
    ...["=", "==", "==="].map(
      (padding) =>
        /** @type {Case} */ ({
          name: `the signature with ${padding}`,
          token: good + padding,
          expected: "token_invalid",
        }),
    ),
    ...["=", "=="].flatMap(
      (padding) =>
        /** @type {Case[]} */ ([
          {
            name: `the header with ${padding}`,
            token: `${head}${padding}.${payload}.${mac}`,
            expected: "token_malformed",
          },
          {
            name: `the payload with ${padding}`,
            token: `${head}.${payload}${padding}.${mac}`,
            expected: "token_malformed",
          },
          {
            name: `the payload with ${padding}, signed so`,
            token: signed(head, payload + padding),
            expected: "token_malformed",
          },
        ]),
    ),
    ...spellings.map(
      (letter, i) =>
        /** @type {Case} */ ({
          name: `the signature in another spelling, ${i + 1}`,
          token: good.slice(0, -1) + letter,
          expected: "token_invalid",
        }),
    ),
    {
      name: "the payload in another spelling, signed so",
      token: signed(head, oddLast(claims())),
      expected: "token_invalid",
    },
    {
      name: "the header in another spelling, signed so",
      token: signed(oddLast(header(KEYS.es256)), payload),
      expected: "token_invalid",
    },
    {
      name: "the header cut to a length that nothing has, signed so",
      token: signed(`${head}${"A".repeat((5 - (head.length % 4)) % 4)}`, payload),
      expected: "token_invalid",
    },
    {
      name: "the payload in the standard alphabet, signed so",
      token: signed(
        head,
        base64url(JSON.stringify(claims({ sub: "CANARY???>>>ÿÿÿ" })))
          .replaceAll("-", "+")
          .replaceAll("_", "/"),
      ),
      expected: "token_invalid",
    },
    {
      name: "the signature in the standard alphabet",
      token: inStandardAlphabet(),
      expected: "token_invalid",
    },
    {
      name: "the signature in hexadecimal",
      token: resigned(good, signatureOf(good).toString("hex")),
      expected: "token_invalid",
    },
    { name: "the payload not encoded", token: signed(head, "CANARY"), expected: "token_invalid" },
    {
      name: "the payload encoded twice",
      token: signed(head, base64url(payload)),
      expected: "token_invalid",
    },
    {
      name: "the header encoded twice",
      token: signed(base64url(head), payload),
      expected: "token_invalid",
    },
    {
      name: "the payload no UTF-8",
      token: signed(head, withBytes(0xff)),
      expected: "token_invalid",
    },
    {
      name: "the payload with an overlong character",
      token: signed(head, withBytes(0xc1, 0x81)),
      expected: "token_invalid",
    },
    {
      name: "the header in UTF-16",
      token: signed(
        Buffer.from(JSON.stringify(header(KEYS.es256)), "utf16le").toString("base64url"),
        payload,
      ),
      expected: "token_invalid",
    },
  ];
}

/** @returns {Case[]} */
function lengths() {
  const padded = (/** @type {number} */ length) => token({ pad: "x".repeat(length) });
  let pad = 48_000 - padded(0).length;
  while (padded(pad + 1).length <= 65_536) pad += 1;
  return [
    { name: "as long as a token may be", token: padded(pad), expected: "good" },
    { name: "longer than a token may be", token: padded(pad + 1), expected: "token_malformed" },
    { name: "1 MiB, signed", token: padded(2 ** 20), expected: "token_malformed" },
    { name: "1 MiB of letters", token: "A".repeat(2 ** 20), expected: "token_malformed" },
    { name: "1 MiB of dots", token: ".".repeat(2 ** 20), expected: "token_malformed" },
    { name: "1 MiB of padding", token: "=".repeat(2 ** 20), expected: "token_malformed" },
    { name: "64 KiB of letters", token: "A".repeat(2 ** 16), expected: "token_malformed" },
    { name: "16 KiB of letters", token: "A".repeat(2 ** 14), expected: "token_invalid" },
    { name: "16 KiB of dots", token: ".".repeat(2 ** 14), expected: "token_malformed" },
    {
      name: "16 KiB, the half of it padding",
      token: "A".repeat(2 ** 13) + "=".repeat(2 ** 13),
      expected: "token_invalid",
    },
    { name: "a header of 12 KiB", token: token({}, { x: "x".repeat(9_000) }), expected: "good" },
    {
      name: "a header of thousand members",
      token: token({}, Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x${i}`, i]))),
      expected: "good",
    },
  ];
}

/**
 * A text in base64url whose last letter has bits that nobody reads.
 *
 * @param {Record<string, unknown>} object
 */
function oddLast(object) {
  let text = JSON.stringify(object);
  while (Buffer.byteLength(text) % 3 === 0) text += " ";
  const right = base64url(text);
  return right.slice(0, -1) + ALPHABET[ALPHABET.indexOf(right.slice(-1)) + 1];
}

/** A good token but for its signature, which has `+` or `/` where base64url has others. */
function inStandardAlphabet() {
  for (let i = 0; ; i += 1) {
    const made = token({ jti: `CANARY-${i}` });
    const standard = signatureOf(made).toString("base64").replaceAll("=", "");
    if (/[+/]/.test(standard)) return resigned(made, standard);
  }
}
