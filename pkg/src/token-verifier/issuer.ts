// What a verifier asks of its issuer: metadata, keys, introspection.
import type { AttemptResult } from "../cache/refreshing-cache.js";
import type { SourceEvent } from "../io/events.js";
import type { Metadata } from "../protocol/metadata.js";
import type { SecretCredentials } from "../protocol/token.js";
import type { EndpointOptions } from "./jwks.js";
import type { CheckedOptions, IntrospectionClient } from "./options.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import { misuse } from "../core/error-constructors.js";
import { discover } from "../io/discovery.js";
import { withTimeout } from "../io/timeout.js";
import { buildIntrospectionRequest } from "../protocol/introspection.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import { introspectionCache } from "./introspection-cache.js";
import { buildKeySetRequest, keySet } from "./jwks.js";

/** The endpoints' names in the metadata (RFC 8414 section 2). */
const METADATA_NAMES = { jwksUri: "jwks_uri", introspectionEndpoint: "introspection_endpoint" };

/**
 * Returns what a verifier asks its issuer, each in a cache: the keys, and the introspection of
 * tokens.
 */
export function issuerOf(options: CheckedOptions, report: (event: SourceEvent) => void) {
  const { issuer, client, introspects, jwksUri, introspectionEndpoint } = options;
  const { insecureHttp, fetch } = options;
  // Built only to report invalid options at once.
  buildMetadataRequest({ issuer, insecureHttp });
  if (jwksUri !== undefined) buildKeySetRequest(jwksUri, insecureHttp);

  const metadata = new RefreshingCache(
    "metadata",
    (millis) => requestMetadata(options, millis),
    report,
  );
  const endpoint = (
    name: keyof typeof METADATA_NAMES,
    given: string | undefined,
  ): EndpointOptions => ({
    async resolveUrl(millis, signal) {
      return given ?? endpointIn(await metadata.get(millis, signal), name);
    },
    onFailure({ code }) {
      // The issuer may have moved the endpoint.
      if (given === undefined && code.startsWith("endpoint_")) metadata.renew();
    },
    insecureHttp,
    fetch,
    report,
  });

  const keys = keySet(endpoint("jwksUri", jwksUri));
  if (!client || !introspects) return { keys };

  const authentication = authenticationOf(issuer, client);
  // Built only to report invalid options at once.
  buildIntrospectionRequest({
    introspectionEndpoint: introspectionEndpoint ?? issuer,
    token: "-",
    insecureHttp,
    ...(authentication.check() as SecretCredentials),
  });
  const introspection = introspectionCache({
    ...endpoint("introspectionEndpoint", introspectionEndpoint),
    authentication,
  });
  return { keys, introspection };
}

async function requestMetadata(
  { issuer, insecureHttp, fetch }: CheckedOptions,
  millis: number,
): Promise<AttemptResult<Metadata>> {
  try {
    return await withTimeout(millis, "asking the issuer", (signal) =>
      discover({ issuer, insecureHttp }, (metadata) => metadata, fetch, signal),
    );
  } catch (thrown) {
    return failedAttempt(thrown);
  }
}

function endpointIn(metadata: Metadata, name: keyof typeof METADATA_NAMES) {
  const address = metadata[name];
  if (address !== null) return address;
  throw misuse(
    "endpoint_not_found",
    `the metadata name no \`${METADATA_NAMES[name]}\``,
    `set \`${name}\`, if the server has one`,
  );
}

/** The client authenticates as that of a token source does. */
function authenticationOf(issuer: string, client: IntrospectionClient) {
  const method = "key" in client ? { clientAuth: "private_key_jwt" } : {};
  return clientAuthenticationOf(Object.assign(Object.create(null), { issuer }, method, client));
}
