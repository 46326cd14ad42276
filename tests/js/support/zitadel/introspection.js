// @ts-check
// What ZITADEL's introspection endpoint says of a token, to an application of type API: all that it
// knows, or that the token is not active.
import { faultOf } from "./application.js";
import { serverNow } from "./clock.js";
import { oauthError, readCredentials, readForm } from "./form.js";
import { rolesFor } from "./tokens.js";

/** @typedef {import("./rules.js").Answer} Answer */
/** @typedef {import("./rules.js").State} State */

/**
 * To everything that is wrong with a token.
 *
 * @type {Answer}
 */
const INACTIVE = { status: 200, body: { active: false } };
/** What roles a project has, whoever was granted them. */
const ROLE_SCOPES = ["reader", "writer"].map((key) => `urn:zitadel:iam:org:project:role:${key}`);

/** @type {(state: State, request: import("./rules.js").Recorded) => Answer} */
export function answerIntrospection(state, request) {
  if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
  const form = readForm(request);
  if (!form) return oauthError("invalid_request", "error parsing form");
  const read = readCredentials(request.headers.authorization, form);
  // By its metadata it takes no secret in the form.
  const fault =
    "refusal" in read || form.has("client_secret")
      ? "no client authentication"
      : faultOf(state, read.credentials);
  if (fault) return oauthError("unauthorized_client", fault);
  const token = form.get("token");
  return token ? introspect(state, token) : oauthError("invalid_request", "token missing");
}

/** @type {(state: State, token: string) => Answer} */
function introspect(state, token) {
  const { issued, active, clientId, application, projectId } = state;
  const found = issued.find((one) => one.token === token);
  if (!found || !active) return INACTIVE;
  const { scopes, claims } = found.isPersonal ? personal(found, state) : found;
  if (claims.exp <= serverNow() / 1000) return INACTIVE;
  const isForIt = [application.clientId, projectId].some((id) => claims.aud.includes(id));
  if (!isForIt) return INACTIVE;
  const profile = { name: "Edge Worker", preferred_username: clientId, updated_at: claims.iat };
  return {
    status: 200,
    body: {
      active: true,
      scope: scopes.join(" "),
      token_type: "Bearer",
      username: clientId,
      ...claims,
      ...(scopes.includes("profile") && profile),
      ...rolesFor(state, scopes, [...new Set([...claims.aud, projectId])], projectId),
    },
  };
}

/**
 * A personal access token is for whichever API asks, and has the scopes for every role of its
 * project.
 *
 * @type {(
 *   issued: import("./tokens.js").Issued,
 *   state: State,
 * ) => Pick<typeof issued, "scopes" | "claims">}
 */
function personal({ scopes, claims: { client_id: _, ...claims } }, { application, projectId }) {
  return {
    scopes: [...scopes, ...ROLE_SCOPES],
    claims: { ...claims, aud: [application.clientId, projectId] },
  };
}
