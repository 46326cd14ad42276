// An issuer's key set, kept fresh.
import { LruMap } from "../cache/lru-map.js";
import type { AttemptResult } from "../cache/outcome.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { chooseKeys, parseKeySet } from "../core/calls.js";
import type { ResponseData } from "../core/calls.js";
import { malformed } from "../core/error-constructors.js";
import type { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import { invalidOption } from "../core/guard-reads.js";
import type { Fetch } from "../core/types.js";
import { hasOwn } from "../core/values.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import { checkAddress, getRequest } from "../protocol/request.js";
import { readResponse } from "../protocol/response.js";

/** The address, in words. */
export const KEYS = "the address of the keys";

/** How much of a key set is read, bytes. */
const MAX_BYTES = 2 ** 20;

/** How long a key set is used if its server does not say, ms. */
const DEFAULT_LIFETIME = 300_000;

const NO_KEY_HINT =
  "if it stays, let the issuer have a key for RS256, PS256, ES256 or their kin, or " +
  "Ed25519; RSA of 2048 bits or more";

/** A key of an issuer, as the core checked it. */
export interface VerifyingKey {
  /** only the members that define the key */
  jwk: { kty: string; n?: string; e?: string; crv?: string; x?: string; y?: string };
  /** equal for equal keys */
  text: string;
  /** whose tokens it signs, where tenants share a key set; Entra's have `{tenantid}` in it */
  issuer: string | undefined;
}

/** The keys that may have signed a JWT. */
export interface Fitting {
  keys: VerifyingKey[];
  /** whether others fit too, which are not tried */
  isCut: boolean;
}

/** Where the keys of an issuer come from. */
export type KeySetCache = Pick<RefreshingCache<KeySet>, "current" | "get" | "newer">;

export interface KeySet {
  keys: VerifyingKey[];
  texts: Set<string>;
  /** as the core reads them to choose among them */
  json: string;
  /** which of them may have signed a JWT, by its header */
  chosen: LruMap<Fitting>;
}

/** How much the memory of chosen keys holds, bytes. Anybody can make up headers. */
const CHOSEN_BYTES = 2 ** 16;

/** An endpoint of the issuer, and how to send requests to it. */
export interface EndpointOptions {
  /** returns the endpoint's address */
  resolveUrl: (millis: number, signal: AbortSignal) => Promise<string>;
  insecureHttp: boolean;
  fetch: Fetch | undefined;
  report: (event: SourceEvent) => void;
  retries: number | undefined;
  /** is called after each failed attempt */
  onFailure: (error: AuthError) => void;
}

/** Keeps the key set of an issuer fresh. */
export function keySet({
  resolveUrl,
  insecureHttp,
  fetch,
  report,
  retries,
  onFailure,
}: EndpointOptions): RefreshingCache<KeySet> {
  const request = async (millis: number, signal: AbortSignal) => {
    const address = await resolveUrl(millis, signal);
    checkAddress(KEYS, address, insecureHttp);
    const { response, sentAt } = await send("the key set", getRequest(KEYS, address), {
      fetch,
      signal,
      maxBytes: MAX_BYTES,
    });
    const { value, maxAge } = readKeySet(response, Date.now());
    const end = sentAt + maxAge;
    return { value, sentAt, end, expiresAt: end };
  };

  async function attempt(millis: number, canceled: AbortSignal): Promise<AttemptResult<KeySet>> {
    try {
      const run = (signal: AbortSignal) => request(millis, signal);
      return await withTimeout(millis, "getting the keys", run, canceled);
    } catch (thrown) {
      const failed = failedAttempt(thrown);
      if (hasOwn(failed, "error")) onFailure(failed.error);
      return failed;
    }
  }

  return new RefreshingCache("keys", attempt, report, retries);
}

/**
 * Keys that the caller gave: no request is made for them.
 *
 * @param json the set
 * @throws {AuthError} `option_invalid`
 */
export function fixedKeySet(json: string): KeySetCache {
  const value = readGivenKeySet(json);
  return {
    current: () => value,
    get: async () => value,
    newer: async () => ({ value, isNewer: true }),
  };
}

function readGivenKeySet(json: string): KeySet {
  try {
    // Its age does not count, so neither does the time.
    return readKeySet({ status: 200, body: json }, 0).value;
  } catch (error) {
    const { code, message } = error as AuthError;
    throw code === "internal" ? error : invalidOption(`\`jwks\`: ${message}`, NO_KEY_HINT);
  }
}

function readKeySet(response: ResponseData, now: number): { value: KeySet; maxAge: number } {
  const head = readResponse("parseKeySet", response);
  const { keys: json, maxAge = DEFAULT_LIFETIME } = parseKeySet({ ...head, now });
  const parsed: { keys: CheckedKey[] } = JSON.parse(json);

  // An empty set must not replace a good one, nor make any token invalid: ZITADEL sends one at
  // times (zitadel/zitadel#7714).
  if (parsed.keys.length === 0) {
    const message = "the key set holds no key that verifies here";
    throw malformed("member_invalid", message, NO_KEY_HINT);
  }

  const keys = parsed.keys.map(withText);
  const texts = new Set(keys.map(({ text }) => text));
  return { value: { keys, texts, json, chosen: new LruMap(100, CHOSEN_BYTES) }, maxAge };
}

/** A key as the core writes it. */
type CheckedKey = {
  keyId?: string;
  issuer?: string;
  algorithms: string[];
  jwk: VerifyingKey["jwk"];
};

/**
 * Adds the text that identifies a key. Only own properties count: a polluted prototype must not
 * make all keys equal.
 */
function withText(key: CheckedKey): VerifyingKey {
  const { keyId, issuer, algorithms, jwk }: CheckedKey = Object.assign(Object.create(null), key);
  const members = Object.entries(jwk).flat();
  return { jwk, issuer, text: [keyId ?? "", issuer ?? "", ...algorithms, ...members].join("\0") };
}

/**
 * Returns the keys of a set that may have signed a JWT.
 *
 * @param header as it is in the token
 */
export function fittingKeys(header: string, { keys, json, chosen }: KeySet): Fitting {
  const known = chosen.get(header);
  if (known) return known;

  const { places, isCut } = chooseKeys({ header, keys: json });
  const fitting = { keys: places.map((place) => keys[place]), isCut };
  chosen.set(header, fitting, 0);
  return fitting;
}
