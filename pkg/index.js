// What the package exports: everything in these files, and ZITADEL's own under one name.
export * from "./assertion.js";
export * from "./errors.js";
export * from "./events.js";
export * from "./http.js";
export * from "./introspection.js";
export * from "./keys.js";
export * from "./metadata.js";
export * from "./revocation.js";
export * from "./token.js";
export * from "./token-source.js";
export * from "./verifier.js";
export * as zitadel from "./zitadel.js";
