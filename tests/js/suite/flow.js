// @ts-check
// The main job against running servers: discovery, a token, a call of an API with it.
import { equal, ok, thrown } from "./assert.js";
import { exchange } from "./exchange.js";

/** @type {import("./index.js").Suite} */
export function flow({ ec, servers }) {
  /** @typedef {import("./index.js").Server} Server */

  const { send, discover } = exchange(ec);

  /**
   * @type {(
   *   server: Server,
   *   change?: Partial<import("edge-credentials").TokenRequestOptions>,
   * ) => Promise<import("edge-credentials").Token>}
   */
  async function getToken(server, change = {}) {
    const { clientId, clientSecret } = server;
    const scope = ["openid", "profile", ec.zitadel.scopes.api()];
    const { tokenEndpoint } = await discover(server);
    const request = ec.buildTokenRequest({
      tokenEndpoint,
      clientId,
      clientSecret,
      scope,
      ...change,
    });
    const requestedAt = Date.now();
    return ec.parseTokenResponse(await send(request), { requestedAt, request });
  }

  /** @type {(name: string, server: Server) => import("./index.js").Case[]} */
  const against = (name, server) => [
    .../** @type {const} */ (["client_secret_basic", "client_secret_post"]).map((clientAuth) => ({
      name: `${name}: a token by ${clientAuth} opens the API`,
      async run() {
        const token = await getToken(server, { clientAuth });
        equal([token.tokenType, ec.isExpired(token)], ["Bearer", false]);
        const hours = ec.timeLeft(token) / 3_600_000;
        ok(hours > 11.9 && hours <= 12, `the lifetime is ${hours} h`);
        const response = await fetch(server.apiUrl, {
          headers: { authorization: ec.authorizationHeader(token) },
        });
        equal([response.status, (await response.json()).user.userName], [200, server.clientId]);
      },
    })),
    {
      name: `${name}: the standard Request works as well`,
      async run() {
        const { clientId, clientSecret } = server;
        const { tokenEndpoint } = await discover(server);
        const request = ec.buildTokenRequest({
          tokenEndpoint,
          clientId,
          clientSecret,
          scope: "openid",
        });
        const requestedAt = Date.now();
        const response = await fetch(ec.toRequest(request));
        const answer = {
          status: response.status,
          headers: response.headers,
          body: await response.text(),
        };
        ok(ec.parseTokenResponse(answer, { requestedAt, request }).accessToken, "no token");
      },
    },
    ...source(name, server),
    refused(name, "a wrong secret", server, { clientSecret: "wrong" }, "credentials_refused"),
    refused(
      name,
      "an unknown client id",
      server,
      { clientId: "317905284016374539" },
      "credentials_refused",
    ),
  ];

  /** @type {(name: string, server: Server) => import("./index.js").Case[]} */
  const source = (name, server) => [
    {
      name: `${name}: a token source's token opens the API`,
      async run() {
        const { source } = startSource(server);
        const token = await source.get();
        equal([token.tokenType, ec.isExpired(token)], ["Bearer", false]);
        equal(await source.authorization(), `Bearer ${token.accessToken}`);
        const response = await source.fetch(server.apiUrl);
        equal([response.status, (await response.json()).user.userName], [200, server.clientId]);
      },
    },
    {
      name: `${name}: twenty callers of a token source make one request`,
      async run() {
        const { source, requests } = startSource(server);
        const tokens = await Promise.all(Array.from({ length: 20 }, () => source.get()));
        ok(
          tokens.every((token) => token === tokens[0]),
          "the callers got different tokens",
        );
        await source.fetch(server.apiUrl);
        equal(
          requests.map(({ method }) => method ?? "GET"),
          ["GET", "POST", "GET"],
          "what was asked: metadata, a token, the API",
        );
      },
    },
    {
      name: `${name}: a token source says that the secret is wrong`,
      async run() {
        const { source } = startSource(server, { clientSecret: "wrong" });
        const error = await source.get().catch((error) => error);
        ok(error instanceof ec.AuthError, `expected an AuthError, got ${JSON.stringify(error)}`);
        equal([error.code, error.category], ["credentials_refused", "denied"]);
      },
    },
  ];

  /**
   * @type {(
   *   server: Server,
   *   change?: Partial<import("edge-credentials").SecretSourceOptions>,
   * ) => {
   *   source: import("edge-credentials").TokenSource;
   *   requests: { method?: string; url: string }[];
   * }}
   */
  function startSource({ issuer, clientId, clientSecret }, change = {}) {
    /** @type {{ method?: string; url: string }[]} */
    const requests = [];
    const scope = ["openid", "profile", ec.zitadel.scopes.api()];
    // A `fetch` of its own makes a source of its own, whatever other cases asked for.
    const send = (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
      requests.push({ method: init.method, url });
      return fetch(url, init);
    };
    return {
      source: ec.tokenSource({
        issuer,
        clientId,
        clientSecret,
        scope,
        fetch: send,
        apiFetch: send,
        ...change,
      }),
      requests,
    };
  }

  /**
   * @type {(
   *   name: string,
   *   what: string,
   *   server: Server,
   *   change: object,
   *   code: string,
   * ) => import("./index.js").Case}
   */
  const refused = (name, what, server, change, code) => ({
    name: `${name}: ${what} is denied`,
    async run() {
      const error = await getToken(server, change).catch((error) => error);
      ok(error instanceof ec.AuthError, `expected an AuthError, got ${JSON.stringify(error)}`);
      equal([error.code, error.category], [code, "denied"]);
      ok(error.hint.length > 20 && Number(error.status) >= 400, "no hint or no status");
    },
  });

  return [
    ...Object.entries(servers).flatMap(([name, server]) => against(name, server)),
    refused("zitadel", "a request without scope", servers.zitadel, { scope: [] }, "scope_refused"),
    {
      name: "zitadel: an issuer with a slash too many gets the value to paste",
      async run() {
        const { issuer } = servers.zitadel;
        const response = await send(ec.buildMetadataRequest({ issuer: `${issuer}/` }));
        const error = thrown(() => ec.parseMetadataResponse(response, { issuer: `${issuer}/` }));
        equal(
          [error.code, error.hint],
          ["issuer_mismatch", `only a trailing slash differs: set \`issuer\` to \`${issuer}\``],
        );
      },
    },
    {
      name: "zitadel: an instance that the server does not know",
      async run() {
        const issuer = `${servers.zitadel.issuer}/unknown-instance`;
        const response = await send(ec.buildMetadataRequest({ issuer }));
        const error = thrown(() => ec.parseMetadataResponse(response, { issuer }));
        equal([error.code, error.status], ["endpoint_not_found", 404]);
        ok(error.hint.startsWith("use a domain of the ZITADEL instance"), error.hint);
      },
    },
  ];
}
