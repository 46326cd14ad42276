// An issuer's key set, kept fresh.
import type { AttemptResult } from "../cache/refreshing-cache.js";
import type { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../io/events.js";
import type { Fetch } from "../io/fetch.js";
import type { RequestData, ResponseData } from "../protocol/http.js";
import { serialize } from "../cache/instances.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { hasOwn } from "../core/check-options.js";
import { malformed } from "../core/error-constructors.js";
import { run } from "../core/wasm.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import { buildRequest } from "../protocol/address.js";
import { readResponse } from "../protocol/response.js";

/** How much of a key set is read, bytes. */
const MAX_BYTES = 2 ** 20;

/** How long a key set is used if its server does not say, ms. */
const DEFAULT_LIFETIME = 300_000;

const NO_KEY_HINT =
  "if it stays, let the issuer have a key for RS256, PS256, ES256 or their kin with longer " +
  "hashes, or EdDSA; RSA of 2048 bits or more";

/** A key of an issuer, as the core checked it. */
export interface VerifyingKey {
  keyId?: string;
  algorithms: string[];
  /** only the members that define the key */
  jwk: JsonWebKey;
  /** equal for equal keys */
  text: string;
}

export type CheckedKey = Omit<VerifyingKey, "text">;
export type KeySet = { keys: VerifyingKey[]; texts: Set<string> };

/** An endpoint of the issuer, and how to send requests to it. */
export interface EndpointOptions {
  /** returns the endpoint's address */
  resolveUrl: (millis: number, signal: AbortSignal) => Promise<string>;
  insecureHttp: boolean;
  fetch: Fetch | undefined;
  report: (event: SourceEvent) => void;
  /** is called after each failed attempt */
  onFailure: (error: AuthError) => void;
}

/** Keeps the key set of an issuer fresh. */
export function keySet({
  resolveUrl,
  insecureHttp,
  fetch,
  report,
  onFailure,
}: EndpointOptions): RefreshingCache<KeySet> {
  async function attempt(millis: number): Promise<AttemptResult<KeySet>> {
    try {
      return await withTimeout(millis, "getting the keys", async (signal) => {
        const request = buildKeySetRequest(await resolveUrl(millis, signal), insecureHttp);
        const { response, sentAt } = await send("the key set", request, {
          fetch,
          signal,
          maxBytes: MAX_BYTES,
        });
        const { value, maxAge } = parseKeySet(response);
        const end = sentAt + maxAge;
        return { value, sentAt, end, expiresAt: end };
      });
    } catch (thrown) {
      const failed = failedAttempt(thrown);
      if (hasOwn(failed, "error")) onFailure(failed.error);
      return failed;
    }
  }

  return new RefreshingCache("keys", attempt, report);
}

function parseKeySet(response: ResponseData) {
  const { body, ...head } = readResponse("parseKeySet", response);
  const parsed: { keys: CheckedKey[]; maxAge?: number } = JSON.parse(
    run("parseKeySet", head, body),
  );
  // Without a prototype: a polluted one must not add a `maxAge`.
  const { keys, maxAge = DEFAULT_LIFETIME } = Object.setPrototypeOf(parsed, null);

  // An empty set must not replace a good one, nor make any token invalid: ZITADEL sends one at
  // times (zitadel/zitadel#7714).
  if (keys.length === 0) {
    const message = "the key set holds no key that verifies here";
    throw malformed("member_invalid", message, NO_KEY_HINT);
  }

  const named: VerifyingKey[] = keys.map(withText);
  const texts = new Set(named.map(({ text }) => text));
  return { value: { keys: named, texts }, maxAge };
}

/**
 * Adds the text that identifies a key. Only own properties count: a polluted prototype must neither
 * give a key a name nor make all keys equal.
 */
function withText(key: CheckedKey): VerifyingKey {
  const own: CheckedKey = Object.assign(Object.create(null), key);
  const text = serialize([own.keyId, own.algorithms, Object.entries(own.jwk)]);
  return Object.assign(own, { text });
}

export function buildKeySetRequest(jwksUri: string, insecureHttp: boolean): RequestData {
  return buildRequest("the address of the keys", "buildKeySetRequest", {
    jwksUri,
    insecureHttp: insecureHttp || undefined,
  });
}
