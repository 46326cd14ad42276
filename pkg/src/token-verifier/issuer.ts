// What a verifier asks of its issuer: metadata, keys, introspection.
import type { AttemptResult, Success } from "../cache/outcome.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import * as core from "../core/calls.js";
import { misuse } from "../core/error-constructors.js";
import type { SourceEvent } from "../core/events.js";
import { discovery } from "../io/discovery.js";
import { withTimeout } from "../io/timeout.js";
import { buildMetadataRequest, noEndpoint } from "../protocol/metadata.js";
import type { Metadata } from "../protocol/metadata.js";
import { checkAddress } from "../protocol/request.js";
import { apiAuthentication } from "./api-authentication.js";
import { introspectionCache } from "./introspection-cache.js";
import type { IntrospectionCache } from "./introspection-cache.js";
import { fixedKeySet, KEYS, keySet } from "./jwks.js";
import type { EndpointOptions, KeySetCache } from "./jwks.js";
import { keyRotation } from "./key-rotation.js";
import type { KeyRotation } from "./key-rotation.js";
import type { VerifierOptions } from "./options.js";

/** The endpoints' names in the metadata (RFC 8414 section 2). */
const METADATA_NAMES = { jwksUri: "jwks_uri", introspectionEndpoint: "introspection_endpoint" };

/** An issuer whose tokens are accepted. */
export interface TrustedIssuer {
  issuer: string;
  keys: KeySetCache;
  rotation: KeyRotation;
  introspection: IntrospectionCache | undefined;
}

/**
 * Returns what a verifier asks an issuer, each in a cache: the keys, and the introspection of
 * tokens.
 */
export function trustedIssuer(
  issuer: string,
  options: VerifierOptions,
  report: (event: SourceEvent) => void,
): TrustedIssuer {
  const { client, jwks, jwksUri, introspectionEndpoint, insecureHttp, fetch, retries } = options;
  buildMetadataRequest({ issuer, insecureHttp });
  if (jwksUri !== undefined) checkAddress(KEYS, jwksUri, insecureHttp);

  const discover = discovery({ issuer, insecureHttp, fetch }, (metadata) => metadata);
  const metadata = new RefreshingCache(
    "metadata",
    (millis, canceled) => requestMetadata(discover, millis, canceled),
    report,
    retries,
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
    retries,
  });

  const keys = jwks === undefined ? keySet(endpoint("jwksUri", jwksUri)) : fixedKeySet(jwks);
  const trusted = { issuer, keys, rotation: keyRotation(keys) };
  if (!client) return { ...trusted, introspection: undefined };

  const authentication = apiAuthentication(issuer, client, report);
  const { clientAuth } = authentication;
  const secretAuth = clientAuth === "none" ? undefined : clientAuth;
  core.checkCredentials({ ...authentication.known, clientAuth: secretAuth });
  if (introspectionEndpoint !== undefined) {
    checkAddress("the introspection endpoint", introspectionEndpoint, insecureHttp);
  }
  const introspection = introspectionCache({
    ...endpoint("introspectionEndpoint", introspectionEndpoint),
    issuer,
    authentication,
    isZitadel: options.rules.isZitadel,
  });
  return { ...trusted, introspection };
}

async function requestMetadata(
  discover: (signal: AbortSignal) => Promise<Success<Metadata>>,
  millis: number,
  canceled: AbortSignal,
): Promise<AttemptResult<Metadata>> {
  try {
    return await withTimeout(millis, "asking the issuer", discover, canceled);
  } catch (thrown) {
    return failedAttempt(thrown);
  }
}

function endpointIn(metadata: Metadata, name: keyof typeof METADATA_NAMES) {
  const address = metadata[name];
  if (address !== null) return address;
  const error = noEndpoint(metadata, METADATA_NAMES[name], name);
  // An API that asks for what its issuer does not have is set up wrong.
  const isMissing = error.code === "member_missing";
  throw isMissing ? misuse("endpoint_not_found", error.message, error.hint) : error;
}
