// @ts-check
// Where the embedded provider answers otherwise than a ZITADEL did, on purpose, and what it answers.

const TOKEN = "200 access_token expires_in scope token_type";
const ACTIVE = "200 active aud client_id exp iat iss nbf scope sub token_type";
const ROLES = "urn:zitadel:iam:org:project:roles urn:zitadel:iam:org:project:{id}:roles";
const METADATA =
  "200 authorization_endpoint authorization_response_iss_parameter_supported " +
  "claim_types_supported claims_parameter_supported claims_supported " +
  "code_challenge_methods_supported grant_types_supported id_token_signing_alg_values_supported " +
  "introspection_endpoint issuer jwks_uri request_uri_parameter_supported " +
  "response_modes_supported response_types_supported revocation_endpoint scopes_supported " +
  "subject_types_supported token_endpoint token_endpoint_auth_methods_supported " +
  "token_endpoint_auth_signing_alg_values_supported";

/** @type {{ why: string; ours: string; cases: string[] }[]} */
export const DIFFERENCES = [
  {
    why: "the granted scope is echoed (RFC 6749 section 5.1), and service users get no id_token",
    ours: TOKEN,
    cases: [
      "cc basic, openid",
      "cc post, openid profile",
      "cc no openid: profile only",
      "cc scope unknown 'foo:bar'",
      "cc scope openid offline_access",
      "cc scope aud of unknown project",
      "cc scope org:id own",
      "cc scope org:id foreign",
      "cc scope org:domain:primary foreign",
      "cc basic + client_id only",
      "cc audience param",
      "DPoP header sent",
      "jb success",
      "jb aud = [issuer, token endpoint]",
      "jb typ client-authentication+jwt",
      "jb typ JWT",
      "jb typ authorization-grant+jwt",
      "jb iat 59 min old",
      "jb iat +1 s future",
      "jb exp in 10 years",
      "jb PS256",
      "jb same assertion twice (1)",
      "jb + client_id param",
    ],
  },
  {
    why: "a scope is optional (RFC 6749 section 3.3)",
    ours: "200 access_token expires_in token_type",
    cases: ["cc scope missing", "jb scope missing"],
  },
  {
    why: "scopes are separated by one space (RFC 6749 section 3.3)",
    ours: "400 invalid_scope",
    cases: ["cc scope 'openid  profile' (two spaces)"],
  },
  {
    why: "a client that fails to authenticate is `invalid_client` (RFC 6749 section 5.2)",
    ours: "401 invalid_client",
    cases: [
      "cc wrong secret (basic)",
      "cc wrong secret (post)",
      "cc empty secret (post)",
      "cc unknown client",
      "cc client id = user number",
      "cc client id = name@org.domain",
      "cc client id upper case",
      "private_key_jwt of service user (client_assertion) + cc",
      "intr private_key_jwt, expired",
      "intr private_key_jwt, unknown kid",
      "intr with private_key_jwt of a service user",
      "intr wrong API secret",
      "intr unknown API",
      "revoke wrong api secret",
      "revoke unknown client",
    ],
  },
  {
    why: "one way to authenticate, each parameter once, and in the body (RFC 6749 section 3.2)",
    ours: "400 invalid_request",
    cases: [
      "cc API app as client",
      "cc basic + secret in form (same)",
      "cc basic + wrong secret in form",
      "cc basic, stray %",
      "cc grant duplicated",
      "cc params in query",
      "authorization_code w/ service user",
      "intr private_key_jwt, garbage",
      "intr Basic + secret in form",
      "revoke token missing",
    ],
  },
  {
    why: "there is no grant of refresh tokens",
    ours: "400 unsupported_grant_type",
    cases: ["refresh_token w/ service user"],
  },
  {
    why: "a resource (RFC 8707) is heeded",
    ours: "400 invalid_target",
    cases: ["cc resource param", "jb resource"],
  },
  {
    why: "endpoints take POST alone",
    ours: "404 text",
    cases: ["GET token endpoint", "intr GET"],
  },
  {
    why: "clients can get tokens by private_key_jwt, for those who try it",
    ours: TOKEN,
    cases: ["private_key_jwt of API app + cc"],
  },
  {
    why: "an introspection says nothing of how a person logged in, nor of the user's profile",
    ours: `${ACTIVE} ${ROLES} username`,
    cases: [
      "intr opaque, own API basic",
      "intr JWT, own API basic",
      "intr opaque, private_key_jwt",
      "intr private_key_jwt, typ client-authentication+jwt",
      "intr private_key_jwt + client_id",
      "intr client_secret_post",
      "intr Accept: application/token-introspection+jwt",
      "intr token without openid",
    ],
  },
  {
    why: "an assertion may name the endpoint too (RFC 7523 section 3)",
    ours: `${ACTIVE} ${ROLES} username`,
    cases: ["intr private_key_jwt, aud = introspection endpoint"],
  },
  {
    why: "the demo's API takes tokens for ZITADEL's APIs, and the service user has its role there",
    ours: `${ACTIVE} ${ROLES} username`,
    cases: ["intr foreign aud opaque, api1", "intr foreign aud JWT, api1"],
  },
  {
    why: "a client without the right to introspect is told that nothing is active",
    ours: "200 inactive",
    cases: ["intr service user as client"],
  },
  {
    why: "the project does not assert roles that no scope asked for",
    ours: `${ACTIVE} username`,
    cases: ["intr by API of project with role assertion, no role scope"],
  },
  {
    why: "RFC 7009: every client may revoke its own tokens, and learns nothing of others",
    ours: "200 text",
    cases: [
      "revoke garbage, api basic",
      "revoke opaque by api basic of project",
      "revoke JWT by api basic",
      "revoke by service user itself",
    ],
  },
  {
    why: "the metadata are those of what it has, at RFC 8414's address too",
    ours: METADATA,
    cases: ["discovery", "rfc8414"],
  },
  {
    why: "what is not there is told as text",
    ours: "404 text",
    cases: ["protected-resource"],
  },
  {
    why: "a slash at the end of an address is overlooked",
    ours: "200 keys",
    cases: ["trailing slash"],
  },
];

/** What the embedded provider has not, so that a case cannot be tried. */
export const ABSENT = {
  "service users that are locked, deactivated or without a secret": [
    "cc user without secret",
    "cc deactivated user",
    "cc locked user",
    "jb deactivated user",
  ],
  "a second API in another project": [
    "intr opaque, other project's API",
    "revoke by foreign API (other project)",
  ],
  "personal access tokens": [
    "intr PAT, own API",
    "intr PAT, other API",
    "intr admin PAT, own API",
    "userinfo PAT",
  ],
  "id_tokens, userinfo": [
    "intr id_token",
    "userinfo opaque",
    "userinfo jwt",
    "userinfo bad token",
    "userinfo none",
    "userinfo id_token",
    "then userinfo",
  ],
  "refused revocations that later requests look back at": [
    "revoke by private_key_jwt",
    "revoke twice",
    "then introspect",
    "then introspect (2)",
    "then introspect (3)",
  ],
  "health endpoints": [
    "/debug/healthz",
    "/debug/ready",
    "/debug/validate",
    "/debug/metrics",
    "/healthz",
    "/ready",
  ],
  "ZITADEL's own APIs, but for one call": [
    "management/v1 orgs/me (ORG_OWNER)",
    "management/v1 no role",
    "management/v1 bad token",
    "v2 users bad token",
    "v2 users no token",
    "v2 connect bad token",
  ],
  "other instances": ["unknown host", "host 127.0.0.1:8080"],
};
