import { buildRequest } from "../protocol/address.js";
import { failedAttempt } from "../cache/retry.js";
import { run } from "../core/wasm.js";
import { malformed } from "../core/error-constructors.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { hasOwn } from "../core/check-options.js";
import { serialize } from "../cache/instances.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import { readResponse } from "../protocol/response.js";

/** The most that is read of a key set, bytes. */
const LONGEST = 2 ** 20;
/** How long a key set is used where its server does not say, ms. */
const LIFETIME = 300_000;
const NO_KEY_HINT =
  "if it stays, let the issuer have a key for RS256, PS256, ES256 or their kin with longer hashes, or EdDSA; RSA of 2048 bits or more";

/**
 * A key that verifies, as the core judged it: `jwk` is its kind and its numbers alone. `text` is
 * the same for equal keys.
 *
 * @typedef {{ keyId?: string; algorithms: string[]; jwk: JsonWebKey; text: string }} VerifyingKey
 */
/** @typedef {{ keys: VerifyingKey[]; texts: Set<string> }} KeySet */

/**
 * What is asked of an issuer, and how.
 *
 * @typedef {object} Asking
 * @property {(millis: number, signal: AbortSignal) => Promise<string>} where gives the address
 * @property {boolean} insecureHttp
 * @property {import("../io/fetch.js").Fetch | undefined} fetch
 * @property {(event: import("../io/events.js").SourceEvent) => void} report
 * @property {(error: import("../core/errors.js").AuthError) => void} onFailure
 */

/**
 * An issuer's keys, kept fresh.
 *
 * @param {Asking} asking
 * @returns {RefreshingCache<KeySet>}
 */
export function keySet({ where, insecureHttp, fetch, report, onFailure }) {
  /**
   * @type {(
   *   millis: number,
   * ) => Promise<import("../cache/refreshing-cache.js").AttemptResult<KeySet>>}
   */
  async function attempt(millis) {
    try {
      return await withTimeout(millis, "getting the keys", async (signal) => {
        const request = buildKeySetRequest(await where(millis, signal), insecureHttp);
        const { response, sentAt } = await send("the key set", request, {
          fetch,
          signal,
          maxBytes: LONGEST,
        });
        const { body, ...rest } = readResponse("parseKeySet", response);
        /** @type {{ keys: Omit<VerifyingKey, "text">[]; maxAge?: number }} */
        const { keys, maxAge = LIFETIME } = Object.setPrototypeOf(
          JSON.parse(run("parseKeySet", rest, body)),
          null,
        );
        // Not a set that takes the place of a good one: ZITADEL gives an empty one out at times (zitadel/zitadel#7714), and no token is bad for that.
        if (keys.length === 0)
          throw malformed(
            "member_invalid",
            "the key set holds no key that verifies here",
            NO_KEY_HINT,
          );
        const named = keys.map(withText);
        const end = sentAt + maxAge;
        return {
          value: { keys: named, texts: new Set(named.map(({ text }) => text)) },
          sentAt,
          end,
          expiresAt: end,
        };
      });
    } catch (thrown) {
      const failed = failedAttempt(thrown);
      if (hasOwn(failed, "error")) onFailure(failed.error);
      return failed;
    }
  }
  return new RefreshingCache("keys", attempt, report);
}

/**
 * Of its own members alone: a polluted prototype must neither name a key nor make all keys one.
 *
 * @type {(key: Omit<VerifyingKey, "text">) => VerifyingKey}
 */
function withText(key) {
  /** @type {Omit<VerifyingKey, "text">} */
  const own = Object.assign(Object.create(null), key);
  return Object.assign(own, {
    text: serialize([own.keyId, own.algorithms, Object.entries(own.jwk)]),
  });
}

/**
 * @type {(
 *   jwksUri: string,
 *   insecureHttp: boolean,
 * ) => import("../protocol/http.js").RequestData}
 */
export function buildKeySetRequest(jwksUri, insecureHttp) {
  return buildRequest("the address of the keys", "buildKeySetRequest", {
    jwksUri,
    insecureHttp: insecureHttp || undefined,
  });
}
