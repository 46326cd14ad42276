// Keys and JWTs of the fake issuer, by WebCrypto, always with ES256: such keys are made fast.

import type { Bytes, WebCryptoKey } from "../core/runtime-types.js";

export interface KeyPair {
  keyId: string;
  privateKey: WebCryptoKey;
  publicKey: WebCryptoKey;
  /** the public key */
  jwk: Record<string, unknown>;
  /** the private key, in PKCS#8 */
  pem: string;
}

export interface Jwt {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export async function makeKeyPair(keyId: string): Promise<KeyPair> {
  const { subtle } = crypto;
  const made = (await subtle.generateKey(CURVE, true, ["sign", "verify"])) as {
    privateKey: WebCryptoKey;
  };
  // Exports an imported copy: Node 20 may lock itself out if it collects what made a key while it
  // writes the key as JWK.
  const pkcs8 = await subtle.exportKey("pkcs8", made.privateKey);
  const privateKey = await subtle.importKey("pkcs8", pkcs8, CURVE, true, ["sign"]);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", privateKey);
  const jwk = { kty, crv, x, y, kid: keyId, alg: "ES256", use: "sig" };
  const publicKey = await subtle.importKey("jwk", { kty, crv, x, y }, CURVE, true, ["verify"]);
  return { keyId, privateKey, publicKey, jwk, pem: pemOf(new Uint8Array(pkcs8)) };
}

export async function signJwt({ privateKey }: KeyPair, { header, claims }: Jwt): Promise<string> {
  const parts = [header, claims].map((part) => toBase64url(encoder.encode(JSON.stringify(part))));
  const input = parts.join(".");
  const signature = await crypto.subtle.sign(SIGNATURE, privateKey, encoder.encode(input));
  return `${input}.${toBase64url(new Uint8Array(signature))}`;
}

/** Returns what a JWT says; `undefined` if it is none, or not signed by the key. */
export async function readJwt({ publicKey }: KeyPair, token: string): Promise<Jwt | undefined> {
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token)?.slice(1).map(fromBase64url);
  if (!parts) return undefined;

  const input = encoder.encode(token.slice(0, token.lastIndexOf(".")));
  if (!(await crypto.subtle.verify(SIGNATURE, publicKey, parts[2], input))) return undefined;
  const [header, claims] = parts.map((part) => decoder.decode(part));
  return { header: JSON.parse(header), claims: JSON.parse(claims) };
}

function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64url(text: string): Bytes {
  return bytesOf(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
}

/** Returns the bytes that `atob` gives as characters. */
export function bytesOf(binary: string): Bytes {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function pemOf(pkcs8: Uint8Array): string {
  const lines = toBase64(pkcs8).match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}
