// The exports of the package.
export type {
  AccessTokenSourceOptions,
  AssertionCredentials,
  AssertionOptions,
  AssertionSourceOptions,
  ClientAssertionCredentials,
  ClientAssertionSourceOptions,
  ExpiryOptions,
  ImportKeyOptions,
  IntrospectionClient,
  IntrospectionRequestOptions,
  KeyIntrospectionClient,
  KeySourceOptions,
  MetadataRequestOptions,
  MetadataResponseContext,
  NoCredentials,
  OwnTokenCredentials,
  RequestedToken,
  RequestSourceOptions,
  Requirements,
  ResponseData,
  RevocationRequestOptions,
  RevocationResponseContext,
  SecretCredentials,
  SecretIntrospectionClient,
  SecretSourceOptions,
  TokenIntrospectionClient,
  TokenRequestOptions,
  TokenResponseContext,
  TokenSourceOptions,
  TokenVerifierOptions,
  WaitOptions,
} from "./core/calls.js";
export { AuthError } from "./core/errors.js";
export type {
  AuthErrorDetails,
  ErrorCategory,
  ErrorCause,
  ErrorCode,
  RefusedToken,
} from "./core/errors.js";
export type {
  Accepted,
  Dropped,
  Expiring,
  Failed,
  Fetched,
  Named,
  Refused,
  Rejected,
  Retried,
  SourceEvent,
  Stored,
  Subject,
  Unrepeated,
  Warned,
} from "./core/events.js";
export type {
  AssertionKey,
  AuthorizationServer,
  Fetch,
  KeyInput,
  RequestData,
  RoleRequirement,
  SignatureAlgorithm,
  TokenRequestContext,
} from "./core/types.js";
export type { SharedSource, SharedToken, Reading, TokenStore } from "./core/token-store.js";
export { completeAssertion, prepareAssertion } from "./protocol/assertion.js";
export { toRequest } from "./protocol/http.js";
export { importKey } from "./protocol/import-key.js";
export type { SigningKey } from "./protocol/import-key.js";
export { buildIntrospectionRequest, parseIntrospectionResponse } from "./protocol/introspection.js";
export type { Introspection } from "./protocol/introspection.js";
export { buildMetadataRequest, parseMetadataResponse } from "./protocol/metadata.js";
export type { Metadata, WellKnown } from "./protocol/metadata.js";
export { buildRevocationRequest, parseRevocationResponse } from "./protocol/revocation.js";
export {
  authorizationHeader,
  buildTokenRequest,
  isExpired,
  parseTokenResponse,
  timeLeft,
} from "./protocol/token.js";
export type { Token } from "./protocol/token.js";
export { zitadel } from "./protocol/zitadel/index.js";
export { tokenSource } from "./token-source/token-source.js";
export type { TokenSource } from "./token-source/token-source.js";
export type { HeadersOfRequest, TokenOrRequest } from "./token-verifier/bearer-token.js";
export type { ChallengeOptions } from "./token-verifier/challenge.js";
export { checkRequirements } from "./token-verifier/requirements.js";
export type { Claims } from "./protocol/claims.js";
export { tokenVerifier } from "./token-verifier/token-verifier.js";
export type { TokenVerifier } from "./token-verifier/token-verifier.js";
