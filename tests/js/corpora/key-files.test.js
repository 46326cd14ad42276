// @ts-check
// Private keys in the forms that OpenSSL, RustCrypto and ring write, and damaged ones, beside what
// `crypto.createPrivateKey` makes of them: what is taken signs as the key that was given.
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import test from "node:test";
import { AuthError, importKey } from "edge-credentials";
import { failure } from "../support/errors.js";
import { makeKey } from "../support/keys/jwt.js";

const TEXT = Buffer.from("what is signed");
const rsa = makeKey("RS256").privateKey;
const p256 = makeKey("ES256").privateKey;
const ed25519 = makeKey("EdDSA").privateKey;

/** @param {string} base64 */
const bytesOf = (base64) => Buffer.from(base64, "base64url");

/** @type {(tag: number, ...parts: Uint8Array[]) => Buffer} */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const bytes = length < 256 ? [length] : [length >> 8, length & 0xff];
  const size = length < 128 ? bytes : [0x80 + bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const ED25519 = der(0x30, Buffer.from("06032b6570", "hex"));
const EC = Buffer.from("06072a8648ce3d0201", "hex");
const P256 = Buffer.from("06082a8648ce3d030107", "hex");
const P384 = Buffer.from("06052b81040022", "hex");
const { d: edD, x: edX } = /** @type {any} */ (ed25519.export({ format: "jwk" }));
const { d: ecD, x: ecX, y: ecY } = /** @type {any} */ (p256.export({ format: "jwk" }));
const seed = der(0x04, der(0x04, bytesOf(edD)));
const point = Buffer.concat([Buffer.from([0, 4]), bytesOf(ecX), bytesOf(ecY)]);

/** @type {(version: number, ...parts: Uint8Array[]) => Buffer} */
const versioned = (version, ...parts) => der(0x30, der(0x02, Buffer.from([version])), ...parts);

/** @type {(curve: Uint8Array, inner?: Uint8Array[], scalar?: Uint8Array) => Buffer} */
const pkcs8OfEc = (curve, inner = [], scalar = bytesOf(ecD)) =>
  versioned(0, der(0x30, EC, curve), der(0x04, versioned(1, der(0x04, scalar), ...inner)));

/** @type {(der: Uint8Array) => string} */
const pem = (der, label = "PRIVATE KEY") =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;

/** @type {(key: import("node:crypto").KeyObject, type: "pkcs1" | "pkcs8" | "sec1") => string} */
const exported = (key, type) => String(key.export({ type, format: "pem" }));

/** @type {Record<string, [text: string, key: import("node:crypto").KeyObject]>} */
const FORMS = {
  "OpenSSL, RSA, PKCS#1": [exported(rsa, "pkcs1"), rsa],
  "OpenSSL, RSA, PKCS#8": [exported(rsa, "pkcs8"), rsa],
  "OpenSSL, P-256, SEC1": [exported(p256, "sec1"), p256],
  "OpenSSL, P-256, PKCS#8": [exported(p256, "pkcs8"), p256],
  "OpenSSL, Ed25519, PKCS#8": [exported(ed25519, "pkcs8"), ed25519],
  "RustCrypto and ring, P-256 with its point": [
    pem(pkcs8OfEc(P256, [der(0xa1, der(0x03, point))])),
    p256,
  ],
  "RustCrypto, P-256 without its point": [pem(pkcs8OfEc(P256)), p256],
  "RustCrypto, Ed25519 with its public key (RFC 5958)": [
    pem(versioned(1, ED25519, seed, der(0x81, Buffer.from([0]), bytesOf(edX)))),
    ed25519,
  ],
  "ring, Ed25519 with its public key one tag deeper": [
    pem(versioned(1, ED25519, seed, der(0xa1, der(0x03, Buffer.from([0]), bytesOf(edX))))),
    ed25519,
  ],
};

/** Whether what signs is this key. @type {(text: string, key: any) => Promise<boolean>} */
async function signsAs(text, key) {
  const { sign } = await importKey(text);
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  const how = { key: createPublicKey(key), dsaEncoding: /** @type {const} */ ("ieee-p1363") };
  return verify(hash, TEXT, how, await sign(TEXT.toString()));
}

for (const [name, [text, key]] of Object.entries(FORMS)) {
  test(`${name}: it signs as that key`, async () => {
    assert.ok(await signsAs(text, key));
  });
}

const other = /** @type {any} */ (makeKey("ES384").privateKey.export({ format: "jwk" }));
const longPoint = Buffer.concat([Buffer.from([0, 4]), bytesOf(other.x), bytesOf(other.y)]);

/** @type {Record<string, string>} */
const MISFITS = {
  "P-256 outside, P-384 inside": pem(pkcs8OfEc(P256, [der(0xa0, P384)])),
  "P-384 outside, P-256 inside": pem(pkcs8OfEc(P384, [der(0xa0, P256)])),
  "P-256 with the number of P-384": pem(pkcs8OfEc(P256, [], bytesOf(other.d))),
  "a JWK of P-256 with numbers of P-384": JSON.stringify({ ...other, crv: "P-256" }),
  "a JWK of P-256 whose point is on no curve": JSON.stringify({
    ...p256.export({ format: "jwk" }),
    x: ecY,
    y: ecX,
  }),
  "a JWK of Ed25519 with the numbers of P-256": JSON.stringify({
    kty: "OKP",
    crv: "Ed25519",
    d: ecD.slice(0, 20),
    x: ecX,
  }),
};

test("P-256 with the point of P-384: the point, by which nothing signs, is left out", async () => {
  assert.ok(await signsAs(pem(pkcs8OfEc(P256, [der(0xa1, der(0x03, longPoint))])), p256));
});

for (const [name, text] of Object.entries(MISFITS)) {
  test(`${name}: a curve that does not fit is refused`, async () => {
    const { code, message } = await failure(() => importKey(text), "option_invalid");
    assert.equal(code, "option_invalid");
    for (const part of [ecD, other.d]) assert.ok(!message.includes(part.slice(0, 12)));
  });
}

/** A bit, but none of P-256's number: another number is another key. */
/** @type {(bytes: Buffer, at: number, bit: number, kind: number) => void} */
function damage(bytes, at, bit, kind) {
  if (kind !== 1 || at < 36 || at > 67) bytes[at] ^= 1 << bit;
}

/** Whether OpenSSL takes a key. @param {string} text */
function readsAsPrivate(text) {
  try {
    return createPrivateKey(text).type === "private";
  } catch {
    return false;
  }
}

test("damaged keys: what is taken, OpenSSL takes too, or it is the key that was damaged", async () => {
  let state = 20261129;
  const random = (/** @type {number} */ below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const whole = [rsa, p256, ed25519].map((key) => key.export({ type: "pkcs8", format: "der" }));
  let taken = 0;
  let refused = 0;
  for (let round = 0; round < 1_500; round += 1) {
    const bytes = Buffer.from(whole[round % 3]);
    // The structure stands at the beginning; numbers of RSA follow.
    const end = round % 3 === 0 ? 37 : bytes.length;
    for (let n = 0; n <= random(2); n += 1) damage(bytes, random(end), random(8), round % 3);
    const text = pem(random(8) ? bytes : bytes.subarray(0, random(bytes.length)));
    const error = await importKey(text).then(
      () => undefined,
      (thrown) => thrown,
    );
    if (error) {
      assert.ok(error instanceof AuthError, String(error));
      assert.equal(error.code, "option_invalid", error.message);
      refused += 1;
      continue;
    }
    taken += 1;
    // What OpenSSL refuses, such as a damaged point, is left out here, and the key is still that key.
    const isReadable = readsAsPrivate(text);
    const isThatKey = isReadable || (await signsAs(text, [rsa, p256, ed25519][round % 3]));
    assert.ok(isThatKey, bytes.toString("hex", 0, 80));
  }
  assert.ok(taken > 20 && refused > 500, `${taken} taken, ${refused} refused`);
});
