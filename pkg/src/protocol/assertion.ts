// JWT assertions (RFC 7523): build, sign elsewhere, complete.
import type { SignatureAlgorithm } from "./import-key.js";
import { run } from "../core/wasm.js";
import { checkOptions, guardReads, invalidOption, pick } from "../core/check-options.js";

/** The longest accepted signature, bytes: ten times the size of one by a 16,384-bit RSA key. */
const MAX_SIGNATURE = 20_480;

/** The options of `prepareAssertion`. */
export interface AssertionOptions {
  /** the result of `importKey`, or the description of a key that is kept elsewhere */
  key: AssertionKey;
  /**
   * both issuer and subject of the assertion: the service user's id (JWT profile) or the client id
   * (`private_key_jwt`). By default the one that the key file names
   */
  subject?: string;
  /**
   * the server's issuer, exactly as the server names itself; or its token endpoint, if it has no
   * issuer
   */
  audience: string;
  /** ms since 1970, by default the clock */
  now?: number;
}

/** The description of the key that signs an assertion. */
export interface AssertionKey {
  algorithm: SignatureAlgorithm;
  /** the key's name at the server */
  keyId?: string | null;
  /** the service user that the key file names */
  userId?: string | null;
  /** the application that the key file names */
  clientId?: string | null;
  /** ms since 1970 */
  expiresAt?: number | null;
}

/**
 * Prepares a JWT that authenticates a client or a service user (RFC 7523 section 3). Sign the
 * result, and pass both to `completeAssertion`. The assertion is backdated by 10 s and valid for
 * five minutes. Each request needs a new one.
 *
 * @returns the signing input: the encoded header and claims
 * @throws {AuthError} `option_invalid`; `key_expired`
 */
export function prepareAssertion(options: AssertionOptions): string {
  const caller = "prepareAssertion";
  const { key, subject, audience, now } = checkOptions(caller, options, {
    key: "object!",
    subject: "string",
    audience: "string!",
    now: "time",
  });
  const { algorithm, keyId, userId, clientId, expiresAt } = checkKey(caller, key);

  return run("prepareAssertion", {
    algorithm,
    keyId,
    subject: subject ?? userId ?? clientId,
    audience,
    keyExpiresAt: expiresAt,
    now,
  });
}

function checkKey(caller: string, key: AssertionKey) {
  const names = ["algorithm", "keyId", "userId", "clientId", "expiresAt"] as const;
  const given = pick(caller, key, "a key as importKey gives it", ...names);
  return checkOptions("the key of prepareAssertion", withoutNulls(given), {
    algorithm: "string!",
    keyId: "string",
    userId: "string",
    clientId: "string",
    expiresAt: "time",
  });
}

/**
 * Combines the result of `prepareAssertion` and its signature into an assertion.
 *
 * @param signature for ES256 r and s, 32 bytes each, not DER
 * @returns a JWT
 * @throws {AuthError} `option_invalid`
 */
export function completeAssertion(
  signingInput: string,
  signature: Uint8Array | ArrayBuffer,
): string {
  const checked = checkOptions(
    "completeAssertion",
    { signingInput, signature },
    { signingInput: "string!", signature: "bytes!" },
  );
  const bytes = guardReads(() => new Uint8Array(checked.signature));
  if (bytes.length > MAX_SIGNATURE) {
    throw invalidOption(
      "`signature` is longer than any signature",
      "pass the bytes that the key gave for `signingInput`",
    );
  }

  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return run("completeAssertion", { signingInput, signature: btoa(binary) });
}

function withoutNulls<T extends object>(object: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as any;
}
