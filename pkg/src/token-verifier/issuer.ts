// What a verifier asks of its issuer: metadata, keys, introspection.
import type { AttemptResult } from "../cache/outcome.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import * as core from "../core/calls.js";
import type { CheckedIntrospectionClient } from "../core/calls.js";
import { misuse } from "../core/error-constructors.js";
import type { SourceEvent } from "../core/events.js";
import { discover } from "../io/discovery.js";
import { withTimeout } from "../io/timeout.js";
import type { Metadata } from "../protocol/metadata.js";
import { checkAddress } from "../protocol/request.js";
import { introspectionCache } from "./introspection-cache.js";
import { keySet, keySetRequest } from "./jwks.js";
import type { EndpointOptions } from "./jwks.js";
import type { VerifierOptions } from "./options.js";

/** The endpoints' names in the metadata (RFC 8414 section 2). */
const METADATA_NAMES = { jwksUri: "jwks_uri", introspectionEndpoint: "introspection_endpoint" };

/**
 * Returns what a verifier asks its issuer, each in a cache: the keys, and the introspection of
 * tokens.
 */
export function issuerOf(options: VerifierOptions, report: (event: SourceEvent) => void) {
  const { issuer, client, jwksUri, introspectionEndpoint, insecureHttp, fetch } = options;
  core.checkServer({ issuer, tokenEndpoint: undefined, insecureHttp });
  checkAddress("the issuer", issuer);
  if (jwksUri !== undefined) keySetRequest(jwksUri, insecureHttp);

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
  if (!client) return { keys };

  const authentication = authenticationOf(issuer, client);
  const clientAuth = client.key === undefined ? client.clientAuth : undefined;
  core.checkCredentials({ ...authentication.known, clientAuth });
  if (introspectionEndpoint !== undefined) {
    const what = "the introspection endpoint";
    core.checkAddress({ what, insecureHttp, address: introspectionEndpoint });
    checkAddress(what, introspectionEndpoint);
  }
  const introspection = introspectionCache({
    ...endpoint("introspectionEndpoint", introspectionEndpoint),
    authentication,
    clientAuth,
  });
  return { keys, introspection };
}

async function requestMetadata(
  { issuer, insecureHttp, fetch }: VerifierOptions,
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
function authenticationOf(issuer: string, client: CheckedIntrospectionClient) {
  const clientAuth = client.key === undefined ? client.clientAuth : "private_key_jwt";
  // All names are given: one that is missing would be read from a polluted prototype.
  const none = { tokenEndpoint: undefined, userId: undefined, assertionAudience: undefined };
  return clientAuthenticationOf({ ...client, ...none, issuer, clientAuth });
}
