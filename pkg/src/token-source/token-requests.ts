// Requests tokens: with credentials, or by a function of the caller's.
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import { NO_ROTATION } from "../client-auth/credentials.js";
import type {
  AuthenticationMethod,
  ClientAuthentication,
  Credentials,
  Rotation,
} from "../client-auth/credentials.js";
import { checkCredentials, checkRequested } from "../core/calls.js";
import type { SourceEvent } from "../core/events.js";
import type { RequestData } from "../core/types.js";
import { callFetch } from "../io/call-fetch.js";
import { receive, send } from "../io/fetch.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import { checkAddress } from "../protocol/request.js";
import { readTokenResponse, tokenRequest } from "../protocol/token.js";
import type { Token } from "../protocol/token.js";
import type { SourceOptions } from "./options.js";
import type { Endpoint } from "./token-endpoint.js";

/** How much of a token response is read, bytes. */
const MAX_BYTES = 256 * 1024;

/** How a source requests tokens. */
export interface TokenRequests {
  /** `undefined`: nobody but the caller knows */
  method: AuthenticationMethod | undefined;
  rotation: Rotation;
  /** @throws {AuthError} of any category */
  requestToken: (endpoint: Partial<Endpoint>, signal: AbortSignal) => Promise<Token>;
}

/** @throws {AuthError} `option_invalid`, `url_insecure` */
export function tokenRequests(
  options: SourceOptions,
  report: (event: SourceEvent) => void,
): TokenRequests {
  const { issuer, request, insecureHttp } = options;
  if (issuer !== undefined) buildMetadataRequest({ issuer, insecureHttp });
  if (!request) return ownRequests(options, clientAuthenticationOf(options, report));
  checkTokenEndpoint(options);
  return callersRequests(options, request);
}

function ownRequests(options: SourceOptions, authentication: ClientAuthentication): TokenRequests {
  const { fetch } = options;
  const buildRequest = requestBuilder(options);
  checkOptions(options, authentication, buildRequest);

  return {
    method: authentication.method,
    rotation: authentication.rotation,
    async requestToken(given, signal) {
      const endpoint = given as Endpoint;
      const credentials =
        authentication.fixed ?? (await authentication.get(endpoint.tokenEndpoint));
      // After the timeout nobody waits: a token would be lost.
      if (signal.aborted) throw signal.reason;

      const request = buildRequest(endpoint, credentials);
      const { response, sentAt } = await send("the token endpoint", request, {
        fetch,
        signal,
        maxBytes: MAX_BYTES,
      });
      return readTokenResponse(response, sentAt, request, options.issuer);
    },
  };
}

/** What is sent is not known, so nothing of the server's words is shown but its codes. */
function callersRequests(
  { issuer, fetch }: SourceOptions,
  request: NonNullable<SourceOptions["request"]>,
): TokenRequests {
  // Looked up at each call, as everywhere, and without a `this` that it would refuse.
  const call = (input: any, init?: RequestInit) =>
    fetch ? fetch(input, init ?? {}) : globalThis.fetch(input, init);
  return {
    method: undefined,
    rotation: NO_ROTATION,
    async requestToken({ tokenEndpoint }, signal) {
      const context = { issuer, tokenEndpoint, fetch: call, signal };
      const ask = () => callFetch("request", true, () => request(context));
      const { response, sentAt } = await receive("the token endpoint", ask, {
        signal,
        maxBytes: MAX_BYTES,
      });
      return readTokenResponse(response, sentAt, undefined, undefined);
    },
  };
}

/** Checks what can be checked before the first request. */
function checkOptions(
  options: SourceOptions,
  { method, known, fixed }: ClientAuthentication,
  buildRequest: (endpoint: Endpoint, credentials: Credentials) => RequestData,
): void {
  const { tokenEndpoint } = options;
  if (tokenEndpoint !== undefined && fixed) {
    // The request itself, which is kept.
    buildRequest({ tokenEndpoint, clientAuth: options.clientAuth }, fixed);
    return;
  }
  const clientAuth = method === "private_key_jwt" ? undefined : options.clientAuth;
  checkTokenEndpoint(options);
  checkCredentials({ ...known, clientAuth });
  checkRequested(options);
}

function checkTokenEndpoint({ tokenEndpoint, insecureHttp }: SourceOptions): void {
  if (tokenEndpoint !== undefined) checkAddress("the token endpoint", tokenEndpoint, insecureHttp);
}

/**
 * Builds token requests. One with a secret is kept, since the next one is the same; an assertion
 * makes each request another one.
 */
function requestBuilder(options: SourceOptions) {
  let kept: { endpoint: Endpoint; secret: string; request: RequestData } | undefined;

  return (endpoint: Endpoint, credentials: Credentials): RequestData => {
    const { tokenEndpoint, clientAuth = options.clientAuth } = endpoint;
    const { clientSecret, assertion } = credentials;
    const isKept =
      kept !== undefined &&
      assertion === undefined &&
      kept.secret === clientSecret &&
      kept.endpoint.tokenEndpoint === tokenEndpoint &&
      kept.endpoint.clientAuth === clientAuth;
    if (kept && isKept) return kept.request;

    const request = tokenRequest({
      ...options,
      ...credentials,
      tokenEndpoint,
      clientAuth,
    });
    if (clientSecret !== undefined && assertion === undefined) {
      kept = { endpoint: { tokenEndpoint, clientAuth }, secret: clientSecret, request };
    }
    return request;
  };
}
