// JWT assertions (RFC 7523): build, sign elsewhere, complete.
import * as core from "../core/calls.js";
import type {
  AssertionOptions,
  CheckedAssertionOptions,
  CheckedDescribedKey,
  CheckedSignedAssertion,
} from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import type { AssertionKey } from "../core/types.js";
import { pick } from "./pick.js";

/** The longest accepted signature, bytes: ten times the size of one by a 16,384-bit RSA key. */
const MAX_SIGNATURE = 20_480;

const checkAssertion = checkerOf<CheckedAssertionOptions>(
  "prepareAssertion",
  core.assertionOptionsKinds,
);
const checkKey = checkerOf<CheckedDescribedKey>(
  "the key of prepareAssertion",
  core.describedKeyKinds,
);
const checkSigned = checkerOf<CheckedSignedAssertion>(
  "completeAssertion",
  core.signedAssertionKinds,
);

/**
 * Prepares a JWT that authenticates a client or a service user (RFC 7523 section 3). Sign the
 * result, and pass both to `completeAssertion`. The assertion is backdated by 30 s and valid for
 * five minutes. Each request needs a new one.
 *
 * @returns the signing input: the encoded header and claims
 * @throws {AuthError} `option_invalid`; `key_expired`
 */
export function prepareAssertion(options: AssertionOptions): string {
  const { key, subject, audience, header, claims, now = Date.now() } = checkAssertion(options);
  const { algorithm, keyId, userId, clientId, expiresAt } = describedKey(key);
  return core.prepareAssertion({
    algorithm,
    keyId,
    subject: subject ?? userId ?? clientId ?? "",
    audience,
    moreHeader: header,
    moreClaims: claims,
    keyExpiresAt: expiresAt,
    now,
  });
}

function describedKey(key: AssertionKey): CheckedDescribedKey {
  const names = ["algorithm", "keyId", "userId", "clientId", "expiresAt"] as const;
  const given = pick("prepareAssertion", key, "a key as importKey gives it", ...names);
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  return checkKey(Object.fromEntries(entries));
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
  const checked = checkSigned({ signingInput, signature });
  // Before the copy: any object may pass for an ArrayBuffer.
  const isShort = guardReads(() => checked.signature.byteLength <= MAX_SIGNATURE);
  const bytes = isShort && guardReads(() => new Uint8Array(checked.signature));
  if (!bytes || bytes.length > MAX_SIGNATURE) {
    throw invalidOption(
      "`signature` is longer than any signature",
      "pass the bytes that the key gave for `signingInput`",
    );
  }

  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return core.completeAssertion({
    signingInput: checked.signingInput,
    signature: btoa(binary),
  });
}
