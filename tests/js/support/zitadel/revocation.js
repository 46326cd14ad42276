// @ts-check
// What ZITADEL's revocation endpoint answers. It is for applications: a service user is no client
// there (zitadel/zitadel#8973).
import { faultOf } from "./application.js";
import { oauthError, readCredentials, readForm } from "./form.js";

/** @typedef {import("./rules.js").Answer} Answer */
/** @typedef {import("./rules.js").State} State */

/**
 * "Seen": no body, of a JSON content type.
 *
 * @type {Answer}
 */
const DONE = { status: 200, headers: { "content-type": "application/json" }, body: "" };

/** @type {(state: State, request: import("./rules.js").Recorded) => Answer} */
export function answerRevocation(state, request) {
  if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
  const form = readForm(request);
  if (!form) return oauthError("invalid_request", "error parsing form");
  const read = readCredentials(request.headers.authorization, form);
  if ("refusal" in read) return read.refusal;
  const fault = faultOf(state, read.credentials);
  return fault ? oauthError("invalid_client", fault) : revoke(state, form.get("token"));
}

/** @type {(state: State, token: string | undefined) => Answer} */
function revoke({ issued, application }, token) {
  if (!token) return oauthError("invalid_request", "token missing");
  const index = issued.findIndex((one) => one.token === token);
  if (index < 0) return DONE;
  // ZITADEL's `CheckClient` looks for the application in the token's audience, which scopes decide.
  if (
    !issued[index].scopes.includes(`urn:zitadel:iam:org:project:id:${application.clientId}:aud`)
  ) {
    return oauthError("invalid_client", "token was not issued for this client", 401);
  }
  issued.splice(index, 1);
  return DONE;
}
