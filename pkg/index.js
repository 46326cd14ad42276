/**
 * OAuth 2.0 for service users on edge runtimes.
 * @module edge-credentials
 */

/** @typedef {import("./errors.js").ErrorClass} ErrorClass */
/** @typedef {import("./http.js").RequestData} RequestData */
/** @typedef {import("./http.js").ResponseData} ResponseData */
/** @typedef {import("./metadata.js").Metadata} Metadata */
/** @typedef {import("./metadata.js").WellKnown} WellKnown */
/** @typedef {import("./token.js").Token} Token */
/** @typedef {import("./token.js").TokenRequestOptions} TokenRequestOptions */

export { AuthError } from "./errors.js";
export { toRequest } from "./http.js";
export { buildMetadataRequest, parseMetadataResponse } from "./metadata.js";
export { authorizationHeader, buildTokenRequest, isExpired, parseTokenResponse, timeLeft } from "./token.js";
export * as zitadel from "./zitadel.js";
