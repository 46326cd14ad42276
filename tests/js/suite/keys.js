// @ts-check
// Who proves with a key who it is, against running servers: the JWT profile, `private_key_jwt`, and
// an application that revokes.
import { equal, ok } from "./assert.js";
import { exchange } from "./exchange.js";

const HOUR = 3_600_000;

/** @type {import("./index.js").Suite} */
export function keys({ ec, servers, keys }) {
  /** @typedef {import("./index.js").Server} Server */
  /** @typedef {import("edge-credentials").KeyInput} KeyInput */
  /** @typedef {import("edge-credentials").KeySourceOptions} KeySourceOptions */
  /** @typedef {Omit<KeySourceOptions, "issuer" | "scope" | "fetch">} ClientAuthentication */
  const { send, discover } = exchange(ec);
  const { "oidc-provider": provider, zitadel } = servers;
  const { user, application, clients } = keys;
  const scope = ["openid", "profile", ec.zitadel.scopes.api()];

  /**
   * @type {(
   *   server: Server,
   *   proof: ClientAuthentication,
   * ) => import("edge-credentials").TokenSource}
   */
  const startSource = ({ issuer }, proof) => {
    // A `fetch` of its own makes a source of its own, whatever other cases asked for.
    return ec.tokenSource({ issuer, scope, fetch: (url, init) => fetch(url, init), ...proof });
  };

  /**
   * @type {(
   *   name: string,
   *   server: Server,
   *   proof: ClientAuthentication,
   *   userName: string,
   * ) => import("./index.js").Case}
   */
  const opens = (name, server, proof, userName) => ({
    name: `${name}: its token opens the API`,
    async run() {
      const response = await startSource(server, proof).fetch(server.apiUrl);
      equal([response.status, (await response.json()).user.userName], [200, userName]);
    },
  });

  /**
   * @type {(
   *   key: KeyInput,
   *   options: { audience: string; keyId?: string; subject?: string; now?: number },
   * ) => Promise<string>}
   */
  async function assertWith(key, { keyId, ...options }) {
    const imported = await ec.importKey(key, keyId === undefined ? {} : { keyId });
    const input = ec.prepareAssertion({ key: imported, ...options });
    return ec.completeAssertion(input, await imported.sign(input));
  }

  /** @param {import("edge-credentials").TokenRequestOptions} options */
  async function getToken(options) {
    const request = ec.buildTokenRequest(options);
    const requestedAt = Date.now();
    return ec.parseTokenResponse(await send(request), { requestedAt, request });
  }

  /** @type {(server: Server, token: import("edge-credentials").Token) => Promise<Response>} */
  const call = (server, token) =>
    fetch(server.apiUrl, { headers: { authorization: ec.authorizationHeader(token) } });

  /** @type {(name: string, server: Server) => import("./index.js").Case[]} */
  const profile = (name, server) => [
    opens(
      `${name}: a service user's key file, as text`,
      server,
      { key: JSON.stringify(user) },
      server.clientId,
    ),
    opens(`${name}: a service user's key file, as object`, server, { key: user }, server.clientId),
    {
      name: `${name}: the JWT profile by hand`,
      async run() {
        const { tokenEndpoint } = await discover(server);
        const assertion = await assertWith(user, { audience: server.issuer });
        const token = await getToken({ tokenEndpoint, assertion, scope });
        equal([token.tokenType, ec.isExpired(token)], ["Bearer", false]);
        equal((await call(server, token)).status, 200);
      },
    },
  ];

  /** @type {(name: string, server: Server, expected: unknown[]) => import("./index.js").Case[]} */
  const refusals = (name, server, expected) => {
    const { issuer } = server;
    const keyId = clients.find(({ algorithm }) => algorithm === "ES256")?.keyId;
    /** @type {Record<string, () => Promise<string>>} */
    const assertions = {
      "another key": async () =>
        assertWith(await makeKey(), { audience: issuer, subject: user.userId, keyId }),
      "a key that the server does not know": () =>
        assertWith({ ...user, keyId: "317905284016505611" }, { audience: issuer }),
      "an issuer with a slash too many": () => assertWith(user, { audience: `${issuer}/` }),
      "a clock that is two hours ahead": () =>
        assertWith(user, { audience: issuer, now: Date.now() + 2 * HOUR }),
      "a clock that is two hours behind": () =>
        assertWith(user, { audience: issuer, now: Date.now() - 2 * HOUR }),
    };
    return Object.entries(assertions).map(([what, make]) => ({
      name: `${name}: the JWT profile with ${what} is refused`,
      async run() {
        const { tokenEndpoint } = await discover(server);
        const error = await getToken({ tokenEndpoint, assertion: await make(), scope }).catch(
          (error) => error,
        );
        ok(error instanceof ec.AuthError, `expected an AuthError, got ${JSON.stringify(error)}`);
        equal([error.code, error.category, error.status, error.error], expected);
        for (const cause of ["key", "audience", "clock"])
          ok(error.hint.includes(cause), `the hint does not name the ${cause}`);
      },
    }));
  };

  /**
   * @type {(
   *   name: string,
   *   server: Server,
   *   getOne: (tokenEndpoint: string) => Promise<import("edge-credentials").Token>,
   * ) => import("./index.js").Case}
   */
  const revokes = (name, server, getOne) => ({
    name: `${name}: an application revokes a token with its key file`,
    async run() {
      const { tokenEndpoint, revocationEndpoint } = await discover(server);
      const token = await getOne(tokenEndpoint);
      equal((await call(server, token)).status, 200, "the API before");
      // The second time the server does not know it any more, which counts as revoked.
      for (const _ of [1, 2]) {
        const clientAssertion = await assertWith(application, { audience: server.issuer });
        const { clientId } = application;
        const request = ec.buildRevocationRequest({
          revocationEndpoint,
          token: token.accessToken,
          clientId,
          clientAssertion,
        });
        equal(ec.parseRevocationResponse(await send(request), { request }), undefined);
      }
      equal((await call(server, token)).status, 401, "the API afterwards");
    },
  });

  return [
    ...clients.flatMap(({ algorithm, clientId, keyId, jwk, pem }) => [
      opens(
        `oidc-provider: private_key_jwt by ${algorithm}, from a JWK`,
        provider,
        { key: jwk, clientId },
        clientId,
      ),
      opens(
        `oidc-provider: private_key_jwt by ${algorithm}, from PEM`,
        provider,
        { key: pem, keyId, algorithm, clientId },
        clientId,
      ),
      opens(
        `oidc-provider: the JWT profile by ${algorithm}`,
        provider,
        { key: jwk, userId: user.userId },
        provider.clientId,
      ),
    ]),
    opens(
      "oidc-provider: private_key_jwt with an application's key file",
      provider,
      { key: JSON.stringify(application), clientAuth: "private_key_jwt" },
      application.clientId,
    ),
    {
      name: "oidc-provider: an application asks about tokens with its key",
      async run() {
        const { accessToken: token } = await startSource(provider, { key: user }).get();
        const { introspectionEndpoint } = await discover(provider);
        const { clientId } = application;
        for (const [asked, active] of /** @type {const} */ ([
          [token, true],
          ["unknown", false],
        ])) {
          const clientAssertion = await assertWith(application, { audience: provider.issuer });
          const request = ec.buildIntrospectionRequest({
            introspectionEndpoint,
            token: asked,
            clientId,
            clientAssertion,
          });
          equal(ec.parseIntrospectionResponse(await send(request), { request }).active, active);
        }
      },
    },
    ...profile("oidc-provider", provider),
    ...profile("zitadel", zitadel),
    {
      name: "oidc-provider: each request takes an assertion of its own, for none is taken twice",
      async run() {
        const source = startSource(provider, { key: user });
        const first = await source.get();
        source.invalidate(first);
        ok((await source.get()).accessToken !== first.accessToken, "no new token");
      },
    },
    ...refusals("oidc-provider", provider, ["credentials_refused", "denied", 400, "invalid_grant"]),
    // It says no more, whatever is wrong (zitadel/zitadel#11892).
    ...refusals("zitadel", zitadel, ["server_failed", "unavailable", 500, "server_error"]),
    revokes("oidc-provider", provider, async (tokenEndpoint) => {
      const clientAssertion = await assertWith(application, { audience: provider.issuer });
      return getToken({ tokenEndpoint, clientId: application.clientId, clientAssertion, scope });
    }),
    revokes("zitadel", zitadel, async (tokenEndpoint) => {
      const assertion = await assertWith(user, { audience: zitadel.issuer });
      return getToken({
        tokenEndpoint,
        assertion,
        scope: [...scope, ec.zitadel.scopes.audience(application.clientId)],
      });
    }),
  ];
}

/**
 * A key that no server has seen.
 *
 * @returns {Promise<any>}
 */
async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  return crypto.subtle.exportKey("jwk", pair.privateKey);
}
