// @ts-check
// How ZITADEL recognises an application, by its secret or its key: who may ask about tokens, and
// revoke them.
import { isGood, readAssertion } from "./assertions.js";

/**
 * @type {(
 *   state: import("./rules.js").State,
 *   credentials: import("./form.js").Credentials,
 * ) => string | undefined} what
 *   is wrong, in its own words
 */
export function faultOf({ issuer, application }, { clientId, clientSecret, assertion }) {
  const read = readAssertion(assertion ?? "");
  const id = assertion ? read?.claims.iss : clientId;
  if (id !== application.clientId) return "no active client not found";
  if (read) {
    const key = application.keys.find(({ keyId }) => keyId === read.header.kid);
    return key && isGood(read, { issuer, ...key }) ? undefined : "invalid assertion";
  }
  if (!clientSecret) return "empty client secret";
  return clientSecret === application.clientSecret ? undefined : "invalid secret";
}
