// Takes a JWT apart and finds its key. The core judges header and claims.
import { LruMap } from "../cache/lru-map.js";
import { judgeJwt, readHeader } from "../core/calls.js";
import type { HeaderFields, JudgedClaims } from "../core/calls.js";
import { rejected, unavailable } from "../core/error-constructors.js";
import type { AuthError } from "../core/errors.js";
import type { Bytes } from "../core/runtime-types.js";
import { ownCopy } from "./bearer-token.js";
import type { KeyRotation } from "./key-rotation.js";
import { fittingKeys } from "./jwks.js";
import type { Fitting, KeySet, KeySetCache, VerifyingKey } from "./jwks.js";
import type { Required } from "./requirements.js";
import { verifySignature } from "./signature.js";

/** What the claims of a JWT are judged by. */
export interface ClaimRules {
  issuer: string;
  required: Required;
  /** ms */
  leeway: number;
}

/** The header of a JWT, as the core read it. */
export interface Header extends HeaderFields {
  /** as it is in the token */
  encoded: string;
}

/** A JWT whose signature is not verified yet. */
export interface UnverifiedJwt {
  header: Header;
  /** what is signed */
  input: string;
  signature: Bytes;
  /** as they are in the token */
  claims: string;
}

/** How much the cache of headers holds, bytes. The tokens of an issuer share one or two. */
const HEADER_CACHE_BYTES = 2 ** 16;

const decoder = new TextDecoder();

const CHANGED_HINT =
  "the token was cut off, changed or made up: the caller must get one from the issuer and " +
  "send it as it came";

/** Bytes. `EdDSA` is also the name of signatures with Ed448, which WebCrypto lacks. */
const ED448_SIGNATURE = 114;

const headers: LruMap<Header> = new LruMap(100, HEADER_CACHE_BYTES);

/**
 * Takes a token apart.
 *
 * @param typ the `typ` that the header of a JWT must have
 * @returns `undefined` for an opaque token: one that has not exactly three parts
 * @throws {AuthError} `token_invalid`
 */
export function readToken(token: string, typ?: string): UnverifiedJwt | undefined {
  const [encoded, claims, encodedSignature, ...others] = token.split(".", 4);
  if (encodedSignature === undefined || others.length > 0) return undefined;

  const header = headerOf(encoded, typ);
  const signature = decodeBase64url(encodedSignature);
  if (!signature) {
    const message = "the token's signature is not base64url without padding";
    throw rejected("token_invalid", message, CHANGED_HINT);
  }
  const { length } = signature;
  if (length === ED448_SIGNATURE && header.algorithm.startsWith("Ed")) {
    const message = "the token is signed with Ed448, which is not supported";
    throw rejected("token_invalid", message, "let the issuer sign by RS256, ES256 or Ed25519");
  }
  // What is of another length runtimes refuse in different ways.
  if (length < header.shortestSignature || length > header.longestSignature) {
    const message = "the token's signature is not as long as its algorithm's are";
    throw rejected("token_invalid", message, CHANGED_HINT);
  }

  const input = token.slice(0, encoded.length + 1 + claims.length);
  return { header, input, signature, claims };
}

function headerOf(encoded: string, typ: string | undefined): Header {
  const key = typ === undefined ? encoded : `${typ} ${encoded}`;
  const known = headers.get(key);
  if (known) return known;

  const header = { ...readHeader({ typ, header: encoded }), encoded: ownCopy(encoded) };
  headers.set(ownCopy(key), header, 2 * encoded.length);
  return header;
}

/**
 * Decodes base64url without padding (RFC 7515 section 2), if it is the only form of its bytes.
 *
 * @returns `undefined` for anything else
 */
function decodeBase64url(text: string): Bytes | undefined {
  if (text.length % 4 === 1 || !/^[\w-]+$/.test(text)) return undefined;
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);

  // The bits that the last character has beyond the last byte have to be 0.
  const end = text.length - (text.length % 4);
  const isCanonical =
    end === text.length || btoa(binary.slice((end / 4) * 3)).startsWith(base64.slice(end));
  return isCanonical ? bytes : undefined;
}

/**
 * Returns the claims of a JWT that the core has read before.
 *
 * @param claims as they are in the token
 */
export function decodedClaims(claims: string): Record<string, unknown> {
  return JSON.parse(decoder.decode(decodeBase64url(claims)));
}

/**
 * Judges the claims of a JWT. They may be trusted only after the signature is verified too.
 *
 * @param identityOnly whether only this counts: that it is the issuer's access token and may be
 *   used now, since the server says the rest
 * @returns the claims as JSON, the scopes, and whether there is an audience
 * @throws {AuthError}
 */
export function judgeClaims(
  claims: string,
  { isAtJwt }: { isAtJwt: boolean },
  { issuer, required, leeway }: ClaimRules,
  identityOnly = false,
): JudgedClaims {
  const requirements = required.text;
  const now = Date.now();
  return judgeJwt({ isAtJwt, identityOnly, issuer, leeway, now, requirements, claims });
}

/** What the signing key of a JWT is sought by. */
export interface KeySearch {
  keys: KeySetCache;
  rotation: KeyRotation;
  /** the keys of which none signed the JWT, if that is known */
  tried: KeySet | undefined;
  /** throws if the claims are refused anyway, so that they need no request for keys */
  judge: () => void;
  /** ms */
  timeout: number;
  signal: AbortSignal | undefined;
}

/**
 * Returns the key that signed a JWT. If none of the issuer's keys did, it asks for them again, once
 * in a while.
 *
 * @throws {AuthError} `token_invalid`, `key_unknown`, and what a request for keys may fail with
 */
export async function signingKey(jwt: UnverifiedJwt, search: KeySearch): Promise<VerifyingKey> {
  const { keys, rotation, tried, judge, timeout, signal } = search;
  let set = keys.current() ?? (await keys.get(timeout, signal));
  let isNewest = false;
  for (;;) {
    const fitting = fittingKeys(jwt.header.encoded, set);
    const isTried = set === tried || fitting.keys.length === 0;
    const key = isTried ? undefined : await verifySignature(jwt, fitting.keys);
    if (key) return key;

    if (fitting.keys.length > 0) {
      // Once.
      const mayAsk = !isNewest && rotation.mayAsk(set) && passes(judge);
      const newer = mayAsk ? await rotation.newerKeys(set, timeout, signal) : undefined;
      if (!newer) throw badSignature(fitting);
      isNewest = true;
      set = newer;
    } else {
      judge();
      if (isNewest) throw strangeKey();
      // The issuer may have changed its keys since the last request.
      const found = await keys.newer(timeout, signal);
      if (!found.value) throw keyUnknown(found.retryAt);
      isNewest = found.isNewer;
      set = found.value;
    }
  }
}

function passes(judge: () => void): boolean {
  try {
    judge();
    return true;
  } catch {
    return false; // Of a bad signature nothing else is told.
  }
}

export function badSignature({ isCut }: Fitting): AuthError {
  return isCut
    ? rejected(
        "token_invalid",
        "the token names no key, and none of the first eight that fit signed it",
        "let the issuer write `kid` into its tokens",
      )
    : rejected("token_invalid", "the token's signature is not of the issuer's key", CHANGED_HINT);
}

function strangeKey(): AuthError {
  return rejected(
    "token_invalid",
    "the token is signed by a key that the issuer does not have",
    "the caller must get a token from this issuer",
  );
}

/** @param retryAt ms since 1970 */
function keyUnknown(retryAt: number): AuthError {
  const message = "the token is signed by a key that the issuer did not have a moment ago";
  const hint =
    "the issuer is asked for its keys once in a while only: see `retryAt`. " +
    "If it stays, the caller must get a token from this issuer";
  return unavailable("key_unknown", message, hint, undefined, retryAt);
}
