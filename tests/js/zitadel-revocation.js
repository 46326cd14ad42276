// @ts-check
// What ZITADEL's revocation endpoint answers. It is for applications: a service user is no client there (zitadel/zitadel#8973).
import { isGood, readAssertion } from "./zitadel-assertions.js";
import { failure, readCredentials, readForm } from "./zitadel-form.js";

/** @typedef {import("./zitadel-rules.js").Answer} Answer */
/** @typedef {import("./zitadel-rules.js").State} State */

/** "Seen": no body, of a JSON content type. @type {Answer} */
const DONE = { status: 200, headers: { "content-type": "application/json" }, body: "" };

/** @type {(state: State, request: import("./zitadel-rules.js").Recorded) => Answer} */
export function answerRevocation(state, request) {
  if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
  const form = readForm(request);
  if (!form) return failure("invalid_request", "error parsing form");
  const read = readCredentials(request.headers.authorization, form);
  if ("refusal" in read) return read.refusal;
  return refuseClient(state, read.credentials) ?? revoke(state, form.get("token"));
}

/** @type {(state: State, credentials: import("./zitadel-form.js").Credentials) => Answer | undefined} */
function refuseClient({ issuer, application }, { clientId, clientSecret, assertion }) {
  const read = readAssertion(assertion ?? "");
  const id = assertion ? read?.claims.iss : clientId;
  if (id !== application.clientId) return failure("invalid_client", "no active client not found"); // Its own words.
  if (read) {
    const key = application.keys.find(({ keyId }) => keyId === read.header.kid);
    return key && isGood(read, { issuer, ...key }) ? undefined : failure("invalid_client", "invalid assertion");
  }
  if (!clientSecret) return failure("invalid_client", "empty client secret");
  return clientSecret === application.clientSecret ? undefined : failure("invalid_client", "invalid secret");
}

/** @type {(state: State, token: string | undefined) => Answer} */
function revoke({ issued, application }, token) {
  if (!token) return failure("invalid_request", "token missing");
  const index = issued.findIndex((one) => one.token === token);
  if (index < 0) return DONE;
  // ZITADEL's `CheckClient` looks for the application in the token's audience, which scopes decide.
  if (!issued[index].scopes.includes(`urn:zitadel:iam:org:project:id:${application.clientId}:aud`)) {
    return failure("invalid_client", "token was not issued for this client", 401);
  }
  issued.splice(index, 1);
  return DONE;
}
