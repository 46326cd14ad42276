// @ts-check
// Signatures by every algorithm: good ones, and what is cut, turned, zero, or right by another form
// alone.
import { ALGORITHMS, resigned, signatureOf, token } from "./keys.js";

/** @typedef {import("./keys.js").Case} Case */

/**
 * The orders of the curves.
 *
 * @type {Record<string, bigint>}
 */
const ORDERS = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  // 2^252 + 27742317777372353535851937790883648493 (RFC 8032 section 5.1).
  Ed: 2n ** 252n + 27742317777372353535851937790883648493n,
};

/** @returns {Case[]} */
export function signatures() {
  return ALGORITHMS.flatMap(([alg, key]) => {
    const good = token({}, {}, key);
    const right = signatureOf(good);
    const all = [...cut(right), ...flipped(right), ...ofItsKind(alg, right)];
    return [
      /** @type {Case} */ ({ name: `${alg}, good`, token: good, expected: "good" }),
      ...all.map(
        ([what, signature]) =>
          /** @type {Case} */ ({
            name: `${alg}, ${what}`,
            token: resigned(good, signature),
            expected: what.startsWith("still right") ? "good" : "token_invalid",
          }),
      ),
    ];
  });
}

/** @typedef {[what: string, signature: Uint8Array]} Forged */

/** @type {(alg: string, right: Buffer) => Forged[]} */
function ofItsKind(alg, right) {
  if (alg.startsWith("ES")) return ecdsa(alg, right);
  if (alg.startsWith("Ed")) return ed25519(right);
  return rsa(right);
}

/**
 * @param {Buffer} right
 * @returns {Forged[]}
 */
function cut(right) {
  const { length } = right;
  return [
    ["empty", right.subarray(0, 0)],
    ["one byte", right.subarray(0, 1)],
    ["without its last byte", right.subarray(0, -1)],
    ["without its first byte", right.subarray(1)],
    ["the first half", right.subarray(0, length / 2)],
    ["the second half", right.subarray(length / 2)],
    ["a zero after it", Buffer.concat([right, Buffer.alloc(1)])],
    ["a zero before it", Buffer.concat([Buffer.alloc(1), right])],
    ["twice", Buffer.concat([right, right])],
    ["backwards", Buffer.from(right).reverse()],
    [
      "the halves changed over",
      Buffer.concat([right.subarray(length / 2), right.subarray(0, length / 2)]),
    ],
    ["all zero", Buffer.alloc(length)],
    ["all ones", Buffer.alloc(length, 0xff)],
  ];
}

/**
 * One bit, in one byte of eight and in the last.
 *
 * @param {Buffer} right
 * @returns {Forged[]}
 */
function flipped(right) {
  const places = [...right.keys()].filter((at) => at % 8 === 0 || at === right.length - 1);
  return places.map((at) => {
    const bytes = Buffer.from(right);
    bytes[at] ^= 1 << ((at / 8) % 8);
    return [`bit ${((at / 8) % 8) | 0} of byte ${at} turned`, bytes];
  });
}

/**
 * @param {Buffer} right
 * @returns {Forged[]}
 */
function rsa(right) {
  return [
    ["one", bytesOf(1n, right.length)],
    ["the longest that is looked at", Buffer.alloc(2_048, 1)],
    ["longer than what is looked at", Buffer.alloc(2_049, 1)],
  ];
}

/**
 * @param {string} alg
 * @param {Buffer} right
 * @returns {Forged[]}
 */
function ecdsa(alg, right) {
  const order = ORDERS[alg];
  const half = right.length / 2;
  const r = right.subarray(0, half);
  const s = right.subarray(half);
  const pair = (/** @type {bigint} */ r, /** @type {bigint} */ s) =>
    Buffer.concat([bytesOf(r, half), bytesOf(s, half)]);
  const R = numberOf(r);
  const S = numberOf(s);
  return [
    ["in DER", der(r, s)],
    ["r zero", pair(0n, S)],
    ["s zero", pair(R, 0n)],
    ["both one", pair(1n, 1n)],
    ["both the order", pair(order, order)],
    ["r the order, s one", pair(order, 1n)],
    ["r zero, s the order", pair(0n, order)],
    ["r negative", pair(order - R, S)],
    // It is another text for the same; nothing relies on there being one.
    ["still right: s negative", pair(R, order - S)],
  ];
}

/**
 * @param {Buffer} right
 * @returns {Forged[]}
 */
function ed25519(right) {
  const S = numberOf(Buffer.from(right.subarray(32)).reverse());
  const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
  return [
    // "… S in the range 0 <= s < L. … If … not … the signature is invalid" (RFC 8032 section
    // 5.1.7).
    [
      "S beyond the order",
      Buffer.concat([right.subarray(0, 32), bytesOf(S + ORDERS.Ed, 32).reverse()]),
    ],
    ["S zero", Buffer.concat([right.subarray(0, 32), Buffer.alloc(32)])],
    ["R the identity, S zero", Buffer.concat([identity, Buffer.alloc(32)])],
    ["R no point", Buffer.concat([Buffer.from([2]), Buffer.alloc(31), right.subarray(32)])],
  ];
}

/**
 * A sequence of two integers, as OpenSSL and Java sign.
 *
 * @type {(r: Buffer, s: Buffer) => Buffer}
 */
function der(r, s) {
  const [first, second] = [r, s].map((bytes) => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const short = bytes.subarray(from);
    const content = short[0] < 0x80 ? short : Buffer.concat([Buffer.alloc(1), short]);
    return Buffer.concat([Buffer.from([2, content.length]), content]);
  });
  const length = first.length + second.length;
  return Buffer.concat([
    Buffer.from(length < 0x80 ? [0x30, length] : [0x30, 0x81, length]),
    first,
    second,
  ]);
}

/** @type {(number: bigint, length: number) => Buffer} */
function bytesOf(number, length) {
  return Buffer.from(number.toString(16).padStart(2 * length, "0"), "hex");
}

/** @param {Buffer} bytes */
function numberOf(bytes) {
  return BigInt(`0x${bytes.toString("hex")}`);
}
