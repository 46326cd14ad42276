// @ts-check
// The identity provider of the demo and the tests, for when there is no ZITADEL at hand:
// `oidc-provider`, a certified one, with ZITADEL's paths, scopes and lifetimes. Everything is in
// memory and on the loopback interface.
//
// Where it differs from ZITADEL it is a second server that a client has to get along with: a wrong
// secret is 401 `invalid_client`, a client can get tokens by `private_key_jwt`, the granted scope is
// echoed, `sub` is the client id where a client asked by that, JWTs have the type `at+jwt`, one can
// be asked for with `resource` (RFC 8707), and there is no `id_token`.
// tests/js/server/provider-zitadel.test.js has all differences beside what a ZITADEL answered;
// tests/js/support/zitadel/server.js plays the original.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { choosePort, listen } from "../../scripts/ports.js";
import { field, heading } from "../../scripts/demo/print.js";
import { printSettings } from "../../scripts/demo/settings.js";
import { runIfMain, temporaryFolder } from "../../scripts/run.js";
import { api, API_PATH, isLoopback } from "./api.js";
import {
  addJwtProfile,
  ALGORITHMS,
  clientsWithKeys,
  JWT_BEARER,
  makeKeys,
} from "./provider-keys.js";
import { changeRequests } from "./provider-requests.js";
import {
  keepJwts,
  listAudience,
  PROJECT,
  ROLES_CLAIM,
  SHORT_ROLES_CLAIM,
  tokenConfiguration,
} from "./provider-tokens.js";
import { generateKey } from "./generate-key.js";

// The authors of `oidc-provider` test on Node 22 and later. Node 20 lacks one function, given here;
// the package's index is passed by because all that it adds is a warning.
URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
// @ts-expect-error it brings no types
const { Provider } = await import("oidc-provider/lib/provider.js");

// Both need encoding, so a client that forgets it does not get far. This is no secret: it opens
// nothing but this demo, and since it is the same at every start it can be written into a Worker's
// `.dev.vars`.
const DEMO_ID = "edge-worker@demo.localhost";
const DEMO_SECRET = "demo: 100% + & = @ / ?";
/** A second service user, with the same secret, whose access token type is JWT. */
const DEMO_JWT_ID = "edge-worker-jwt@demo.localhost";
const INTROSPECTION = "/oauth/v2/introspect";
const DEMO_API = {
  clientId: "317905284016440075",
  clientSecret: "demo: an API 100% + & = @ / ?",
};

/**
 * Starts the provider.
 *
 * @param {object} [options]
 * @param {number} [options.port] 0, the default, takes a free one; where it is in use, the error
 *   names PORT
 * @param {string} [options.clientId] the service user's login name
 * @param {string} [options.clientSecret] the service user's secret
 * @param {number} [options.expiresIn] the lifetime of access tokens in seconds; 12 h by default, as
 *   ZITADEL's
 * @param {boolean} [options.ignoresResource] whether `resource` (RFC 8707) is dropped without a
 *   word, as ZITADEL does (zitadel/zitadel#12710)
 */
export async function startProvider({
  port = 0,
  clientId = DEMO_ID,
  clientSecret = DEMO_SECRET,
  expiresIn = 43_200,
  ignoresResource = false,
} = {}) {
  const user = { id: "317905284016374539", name: "Edge Worker", clientId, clientSecret };
  const apiClient = DEMO_API;
  const key = signingKey();
  const keys = makeKeys({ userId: user.id, applicationId: "317905284016898827" });

  const server = createServer();
  await listen(server, port, "PORT");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const issuer = `http://127.0.0.1:${address.port}`;
  const resource = `${issuer}/auth/v1`;
  const otherResource = `${issuer}/other/v1`;

  const provider = new Provider(
    issuer,
    configuration({ user, apiClient, keys, key, resource, otherResource, expiresIn }),
  );
  addJwtProfile(provider, { userId: user.id, userKeys: keys.userKeys });
  const nameOfToken = keepJwts(provider);
  changeRequests(provider, (form) => ({
    ...(form.grant_type === JWT_BEARER && { client_id: user.id }),
    ...form,
    ...(ignoresResource && { resource: undefined }),
    ...("token" in form && { token: nameOfToken(String(form.token)) }),
  }));
  let tokenRequests = 0;
  provider.use((/** @type {any} */ ctx, /** @type {() => Promise<void>} */ next) => {
    // A page whose name was made to mean this machine must not get in by that name.
    if (!isLoopback(`http://${ctx.host}`))
      ctx.throw(421, "this provider answers only to names of this machine");
    if (ctx.method === "POST" && ctx.path === "/oauth/v2/token") tokenRequests += 1;
    return next();
  });
  provider.use(introspectLikeZitadel(resource));
  provider.use(api(user, validator(provider, { user, resource, nameOfToken })));
  server.on("request", provider.callback());

  return {
    /** As a self-hosted ZITADEL's: an origin, no slash at the end. */
    issuer,
    tokenEndpoint: `${issuer}/oauth/v2/token`,
    clientId,
    clientSecret,
    /** A service user with the same secret, whose tokens are JWTs. */
    jwtClientId: DEMO_JWT_ID,
    /**
     * Whom tokens for the API are for: their `aud`. A token request that names it as `resource`
     * gets a JWT instead of an opaque token.
     */
    resource,
    /** The same for an API that there is not: this one refuses such a JWT. */
    otherResource,
    /** The API's project, in which the service user has the role `writer`. */
    projectId: PROJECT,
    /** `GET` it with a token. */
    apiUrl: issuer + API_PATH,
    /** The API's own credentials, which introspection asks for: the same at every start, too. */
    apiClient,
    /**
     * Clients that authenticate by `private_key_jwt`, one for each algorithm; the service user has
     * their keys, too.
     */
    clientKeys: keys.clientKeys,
    /** The service user's key file, for the JWT profile. */
    userKeyFile: keys.userKeyFile,
    /** An application's, for client credentials, introspection and revocation. */
    applicationKeyFile: keys.applicationKeyFile,
    /** How many requests the token endpoint has had so far. */
    get tokenRequests() {
      return tokenRequests;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** @param {any} options */
function configuration({ user, apiClient, keys, key, resource, otherResource, expiresIn }) {
  const askers = [apiClient.clientId, keys.applicationKeyFile.clientId];
  const machine = { redirect_uris: [], response_types: [] };
  const { resourceIndicators, ...tokens } = tokenConfiguration({
    resource,
    otherResource,
    jwtClientId: DEMO_JWT_ID,
    expiresIn,
  });
  const on = { enabled: true };
  const off = { enabled: false };

  return {
    adapter: memory,
    jwks: { keys: [key] },
    clients: [
      // The secret of such a client is taken in a Basic header and in the form alike.
      ...[user.clientId, DEMO_JWT_ID].map((clientId) => ({
        ...machine,
        client_id: clientId,
        client_secret: user.clientSecret,
        grant_types: ["client_credentials"],
      })),
      {
        ...machine,
        client_id: apiClient.clientId,
        client_secret: apiClient.clientSecret,
        grant_types: [],
      },
      ...clientsWithKeys(keys).map((client) => ({ ...machine, ...client })),
    ],
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    // A copy: the provider takes out of the list what it does not offer.
    enabledJWA: { clientAuthSigningAlgValues: [...ALGORITHMS] },
    clientBasedCORS: (/** @type {any[]} */ ...[, origin]) => isLoopback(origin),
    responseTypes: ["code"],
    routes: {
      authorization: "/oauth/v2/authorize",
      introspection: INTROSPECTION,
      jwks: "/oauth/v2/keys",
      revocation: "/oauth/v2/revoke",
      token: "/oauth/v2/token",
    },
    ...tokens,
    features: {
      clientCredentials: on,
      // As with ZITADEL, a service user learns nothing, not even about its own tokens.
      introspection: {
        ...on,
        // A token without an audience is for nobody.
        allowedPolicy: (/** @type {any[]} */ ...[, client, { aud }]) =>
          askers.includes(client.clientId) && aud !== undefined,
      },
      revocation: {
        ...on,
        allowedPolicy: (/** @type {any[]} */ ...[, client, token]) =>
          token.clientId === client.clientId,
      },
      resourceIndicators,
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      rpInitiatedLogout: off,
      userinfo: off,
    },
  };
}

/**
 * Says of a token what ZITADEL's introspection says of it: its audience is a list, and roles have a
 * second, short name.
 *
 * @param {string} resource
 */
function introspectLikeZitadel(resource) {
  return async (/** @type {any} */ ctx, /** @type {() => Promise<void>} */ next) => {
    await next();
    if (ctx.path !== INTROSPECTION || !ctx.body?.active) return;
    const { aud, scope, client_id: clientId, iat } = ctx.body;
    const all = listAudience({ aud, scope, clientId, resource });
    const roles = ctx.body[ROLES_CLAIM];
    ctx.body = {
      ...ctx.body,
      aud: all,
      nbf: iat,
      sub: clientId,
      username: clientId,
      ...(roles && { [SHORT_ROLES_CLAIM]: roles }),
    };
  };
}

/**
 * @type {(
 *   provider: any,
 *   options: {
 *     user: { id: string; clientId: string };
 *     resource: string;
 *     nameOfToken: (token: string) => string;
 *   },
 * ) => (token: string) => Promise<import("./api.js").Caller | undefined>}
 */
function validator(provider, { user, resource, nameOfToken }) {
  return async (token) => {
    const found = await provider.ClientCredentials.find(nameOfToken(token));
    if (!found) return undefined;
    const { clientId } = found;
    return {
      // With a key the service user goes by its id, with the secret by its login name.
      clientId: clientId === user.id ? user.clientId : clientId,
      forApi: listAudience({ ...found, resource }).includes(resource),
    };
  };
}

function signingKey() {
  return {
    ...generateKey("rsa", { modulusLength: 2048 }).export({ format: "jwk" }),
    alg: "RS256",
    use: "sig",
    kid: "317905284016505611",
  };
}

/** What `oidc-provider` stores in, one for each kind of thing; it looks at the expiry itself. */
function memory() {
  const entries = new Map();
  return {
    async upsert(/** @type {string} */ id, /** @type {object} */ payload) {
      entries.set(id, payload);
    },
    async find(/** @type {string} */ id) {
      return entries.get(id);
    },
    async destroy(/** @type {string} */ id) {
      entries.delete(id);
    },
  };
}

runIfMain(import.meta, async () => {
  const provider = await startProvider({ port: await choosePort("PORT", 8410) });
  const { path, remove } = temporaryFolder("key");
  const keyFile = join(path, "key.json");
  writeFileSync(keyFile, JSON.stringify(provider.userKeyFile), { mode: 0o600 });

  heading("The embedded provider");
  field("issuer", provider.issuer);
  field("key file", keyFile);
  field("another port", "PORT=8420 npm run provider");
  field("stop", "Ctrl-C");
  printSettings({ ...provider, audience: provider.projectId });

  const stop = async () => {
    await provider.stop();
    remove();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
});
