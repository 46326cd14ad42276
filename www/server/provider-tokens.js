// @ts-check
// What the embedded provider's tokens are for and say, as ZITADEL's do: the scopes decide on the
// audience and on the roles, and JWTs are introspected too, which `oidc-provider` refuses.
// @ts-expect-error it brings no types
const { InvalidTarget } = await import("oidc-provider/lib/helpers/errors.js");
// @ts-expect-error it brings no types
const opaque = await import("oidc-provider/lib/models/formats/opaque.js");

/** The API's project. */
export const PROJECT = "317905284016571148";
/** The organization for which the service users are `writer` in the project. */
const ORGANIZATION = { "317905284016309003": "demo.localhost" };

export const API_SCOPE = "urn:zitadel:iam:org:project:id:zitadel:aud";
const PROJECT_SCOPE = `urn:zitadel:iam:org:project:id:${PROJECT}:aud`;
const ROLE_SCOPES = [
  "urn:zitadel:iam:org:projects:roles",
  "urn:zitadel:iam:org:project:role:writer",
];
export const ROLES_CLAIM = `urn:zitadel:iam:org:project:${PROJECT}:roles`;
/** Of the asking application's project, and in introspections alone. */
export const SHORT_ROLES_CLAIM = "urn:zitadel:iam:org:project:roles";

/** All that there are; others are dropped without a word. */
const SCOPES = ["openid", "profile", API_SCOPE, PROJECT_SCOPE, ...ROLE_SCOPES];

/** What stands for a token that no scope gives an audience. */
const NO_AUDIENCE = "urn:none";

/**
 * The part of the configuration that is about tokens.
 *
 * @param {object} options
 * @param {string} options.resource the demo API's audience
 * @param {string} options.otherResource that of an API that there is not
 * @param {string} options.jwtClientId whose tokens are JWTs, whatever they are for
 * @param {number} options.expiresIn in seconds
 */
export function tokenConfiguration({ resource, otherResource, jwtClientId, expiresIn }) {
  const token = { scope: SCOPES.join(" "), accessTokenTTL: expiresIn };
  const jwt = { ...token, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
  const byScope = { ...token, accessTokenFormat: "opaque" };

  /** @type {(ctx: any, indicator: string, client: any) => object} */
  function getResourceServerInfo(ctx, indicator, { clientId }) {
    if ([resource, otherResource].includes(indicator)) return { ...jwt, audience: indicator };
    if (![API_SCOPE, PROJECT_SCOPE, NO_AUDIENCE].includes(indicator)) throw new InvalidTarget();
    const format = clientId === jwtClientId ? jwt : byScope;
    const [audience] = audienceOf({ scope: ctx.oidc.params.scope, clientId, resource });
    return { ...format, audience };
  }

  /** @type {(ctx: any, client: any) => string | undefined} */
  function defaultResource(ctx, { clientId }) {
    const scopes = ctx.oidc.params.scope?.split(" ") ?? [];
    const named = [PROJECT_SCOPE, API_SCOPE].find((scope) => scopes.includes(scope));
    // An opaque token without any `aud` is for no API.
    return named ?? (clientId === jwtClientId ? NO_AUDIENCE : undefined);
  }

  return {
    extraTokenClaims: (/** @type {any} */ _, /** @type {any} */ { aud, scope }) =>
      hasRoles({ aud, scope, resource }) ? { [ROLES_CLAIM]: { writer: ORGANIZATION } } : undefined,
    formats: {
      bitsOfOpaqueRandomness: 104 * 6, // 104 characters, as older ZITADELs'.
      customizers: {
        jwt(/** @type {any} */ _, /** @type {any} */ token, /** @type {any} */ { payload }) {
          payload.aud = listAudience({ ...token, resource });
        },
      },
    },
    scopes: SCOPES,
    ttl: { ClientCredentials: expiresIn },
    resourceIndicators: { enabled: true, defaultResource, getResourceServerInfo },
  };
}

/** @type {(token: { aud: string; scope?: string; resource: string }) => boolean} */
function hasRoles({ aud, scope = "", resource }) {
  const asksForRoles = ROLE_SCOPES.some((role) => scope.split(" ").includes(role));
  return aud === resource || (aud === PROJECT && asksForRoles);
}

/**
 * Whom the scopes of a token name.
 *
 * @type {(token: { scope?: string; clientId: string; resource: string }) => string[]}
 */
function audienceOf({ scope = "", clientId, resource }) {
  const scopes = scope.split(" ");
  const named = [
    ...(scopes.includes(PROJECT_SCOPE) ? [PROJECT] : []),
    ...(scopes.includes(API_SCOPE) ? [resource] : []),
  ];
  return named.length > 0 ? named : [clientId];
}

/**
 * The whole audience of a token, of which `oidc-provider` keeps one.
 *
 * @type {(token: {
 *   aud?: string;
 *   scope?: string;
 *   clientId: string;
 *   resource: string;
 * }) => string[]}
 */
export function listAudience({ aud, scope, clientId, resource }) {
  if (aud === undefined) return [];
  const all = audienceOf({ scope, clientId, resource });
  return all[0] === aud ? all : [aud];
}

/**
 * Lets the provider keep its JWTs like its other tokens, so that they can be introspected and
 * revoked.
 *
 * @param {any} provider
 * @returns {(token: string) => string} gives the name under which a token is kept
 */
export function keepJwts(provider) {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const { prototype } = provider.ClientCredentials;
  const { getValueAndPayload } = prototype;
  prototype.getValueAndPayload = async function () {
    const made = await getValueAndPayload.call(this);
    if (made.payload) return made;
    kept.set(made.value, this.jti);
    const { payload } = await opaque.getValueAndPayload(provider, this);
    return { value: made.value, payload };
  };
  return (token) => kept.get(token) ?? token;
}
