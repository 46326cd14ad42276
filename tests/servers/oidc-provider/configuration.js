// @ts-check
// oidc-provider, with all of its own that the walk can use.

const HOUR = 3600;
const KINDS = [
  "AccessToken",
  "ClientCredentials",
  "Grant",
  "IdToken",
  "Interaction",
  "RefreshToken",
  "Session",
];
const RESOURCE = "urn:api:";

/** The audience of the JWTs of an algorithm. @param {string} algorithm */
export function audienceOf(algorithm) {
  return `${RESOURCE}${algorithm}`;
}

/** @param {{ store: Map<string, any>; keys: object[] }} state */
export function configuration({ store, keys }) {
  const on = { enabled: true };
  return {
    adapter: (/** @type {string} */ kind) => adapter(store, kind),
    jwks: { keys },
    clientAuthMethods: [
      "client_secret_basic",
      "client_secret_post",
      "client_secret_jwt",
      "private_key_jwt",
    ],
    enabledJWA: { clientAuthSigningAlgValues: ["HS256", "RS256", "PS256", "ES256", "EdDSA"] },
    scopes: ["openid", "offline_access", "things:write"],
    findAccount: (/** @type {any} */ _, /** @type {string} */ accountId) => ({
      accountId,
      claims: () => ({ sub: accountId }),
    }),
    ttl: Object.fromEntries(KINDS.map((kind) => [kind, HOUR])),
    pkce: { required: () => false },
    issueRefreshToken: async () => true,
    // Its own dispatcher refuses the addresses of this machine.
    fetch: (/** @type {string} */ url, /** @type {any} */ { dispatcher: _, ...options }) =>
      fetch(url, options),
    features: {
      clientCredentials: on,
      introspection: { ...on, allowedPolicy: () => true },
      revocation: {
        ...on,
        allowedPolicy: (/** @type {any[]} */ ...[, client, token]) =>
          token.clientId === client.clientId,
      },
      backchannelLogout: on,
      rpInitiatedLogout: {
        ...on,
        logoutSource(/** @type {any} */ ctx, /** @type {string} */ form) {
          ctx.body = form.replace("</form>", '<input name="logout" value="yes"></form>');
        },
      },
      resourceIndicators: {
        ...on,
        useGrantedResource: () => true,
        getResourceServerInfo: (/** @type {any} */ _, /** @type {string} */ resource) => ({
          scope: "things:write",
          audience: resource,
          ...formatOf(resource),
        }),
      },
    },
  };
}

/** @param {string} resource */
function formatOf(resource) {
  const alg = resource.slice(RESOURCE.length);
  if (alg === "opaque") return { accessTokenFormat: "opaque" };
  return { accessTokenFormat: "jwt", jwt: { sign: { alg } } };
}

/** @type {(store: Map<string, any>, kind: string) => object} */
function adapter(store, kind) {
  const key = (/** @type {string} */ id) => `${kind} ${id}`;
  const find = async (/** @type {string} */ id) => store.get(key(id));
  return {
    find,
    findByUid: async (/** @type {string} */ uid) =>
      [...store.values()].find((entry) => entry.uid === uid),
    async upsert(/** @type {string} */ id, /** @type {object} */ payload) {
      store.set(key(id), payload);
    },
    async consume(/** @type {string} */ id) {
      store.set(key(id), { ...(await find(id)), consumed: Math.floor(Date.now() / 1000) });
    },
    async destroy(/** @type {string} */ id) {
      store.delete(key(id));
    },
    async revokeByGrantId(/** @type {string} */ grantId) {
      for (const [id, entry] of store) if (entry.grantId === grantId) store.delete(id);
    },
  };
}
