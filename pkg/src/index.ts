// The exports of the package: everything in these files, and ZITADEL's own parts as `zitadel`.
export * from "./protocol/assertion.js";
export * from "./core/errors.js";
export * from "./io/events.js";
export * from "./protocol/http.js";
export * from "./protocol/introspection.js";
export * from "./protocol/import-key.js";
export * from "./protocol/metadata.js";
export * from "./protocol/revocation.js";
export * from "./protocol/token.js";
export * from "./token-source/token-source.js";
export * from "./token-verifier/token-verifier.js";
export * as zitadel from "./protocol/zitadel/index.js";
