import { failedAttempt } from "../cache/retry.js";
import { discover } from "../io/discovery.js";
import { misuse } from "../core/error-constructors.js";
import { buildIntrospectionRequest } from "../protocol/introspection.js";
import { introspectionCache } from "./introspection-cache.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { buildKeySetRequest, keySet } from "./jwks.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import { withTimeout } from "../io/timeout.js";

/**
 * What a verifier asks its issuer, each kept as long as it is good: the keys, and what it says of
 * tokens.
 *
 * @param {import("./options.js").CheckedOptions} options
 * @param {(event: import("../io/events.js").SourceEvent) => void} report
 */
export function issuerOf(
  { issuer, client, introspects, jwksUri, introspectionEndpoint, insecureHttp, fetch },
  report,
) {
  // Tells now what would be wrong later, and asks nobody for that.
  buildMetadataRequest({ issuer, insecureHttp });
  if (jwksUri !== undefined) buildKeySetRequest(jwksUri, insecureHttp);

  /**
   * @type {(
   *   millis: number,
   * ) => Promise<
   *   import("../cache/refreshing-cache.js").AttemptResult<
   *     import("../protocol/metadata.js").Metadata
   *   >
   * >}
   */
  async function discovered(millis) {
    try {
      return await withTimeout(millis, "asking the issuer", (signal) =>
        discover({ issuer, insecureHttp }, (found) => found, fetch, signal),
      );
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  }
  const metadata = new RefreshingCache("metadata", discovered, report);
  /**
   * @type {(
   *   name: "jwksUri" | "introspectionEndpoint",
   *   given: string | undefined,
   * ) => import("./jwks.js").Asking}
   */
  const asking = (name, given) => ({
    async where(millis, signal) {
      if (given !== undefined) return given;
      const found = (await metadata.get(millis, signal))[name];
      if (found === null)
        throw misuse(
          "endpoint_not_found",
          `the metadata name no \`${name === "jwksUri" ? "jwks_uri" : "introspection_endpoint"}\``,
          `set \`${name}\`, if the server has one`,
        );
      return found;
    },
    // The endpoint may have moved.
    onFailure: ({ code }) =>
      given === undefined && code.startsWith("endpoint_") && metadata.renew(),
    ...{ insecureHttp, fetch, report },
  });
  const keys = keySet(asking("jwksUri", jwksUri));
  if (!client || !introspects) return { keys };

  // As a source of tokens would prove it.
  const authentication = clientAuthenticationOf(
    Object.assign(
      Object.create(null),
      { issuer, ...("key" in client && { clientAuth: "private_key_jwt" }) },
      client,
    ),
  );
  buildIntrospectionRequest({
    introspectionEndpoint: introspectionEndpoint ?? issuer,
    token: "-",
    insecureHttp,
    .../** @type {import("../protocol/token.js").SecretCredentials} */ (authentication.check()),
  });
  return {
    keys,
    introspection: introspectionCache({
      ...asking("introspectionEndpoint", introspectionEndpoint),
      authentication,
    }),
  };
}
