// @ts-check
// The other job against running servers: an API checks the tokens that it is given. JWTs by the
// keys, all others by introspection.
import { equal, ok } from "./assert.js";
import { exchange } from "./exchange.js";
import { algorithms } from "./verify-algorithms.js";

/** @typedef {import("edge-credentials").TokenVerifierOptions} Options */
/** @typedef {import("edge-credentials").SecretSourceOptions} SourceOptions */
/**
 * @typedef {object} Kind of token
 * @property {string} name
 * @property {import("./index.js").Server} server
 * @property {boolean} isJwt
 * @property {Partial<SourceOptions>} [more] what gets such a token
 * @property {string} elsewhere what a token is refused for that is not for the API
 */

const THINGS = "https://api.example/things";
const TIMEOUT = 20_000;
/** Each object has options of its own, so that no case sees what another was told. */
let made = 0;

/** @type {import("./index.js").Suite} */
export function verify(context) {
  const {
    ec,
    servers,
    keys: { application },
  } = context;
  const { "oidc-provider": provider, zitadel, "zitadel with JWTs": jwts } = servers;
  const { api, audience, roles } = ec.zitadel.scopes;
  const { send, discover } = exchange(ec);
  /** @type {Kind[]} */
  const kinds = [
    {
      name: "oidc-provider, opaque",
      server: provider,
      isJwt: false,
      elsewhere: "token_inactive",
    },
    {
      name: "oidc-provider, JWT",
      server: provider,
      isJwt: true,
      more: { resource: provider.api.audience },
      elsewhere: "",
    },
    {
      name: "zitadel, opaque",
      server: zitadel,
      isJwt: false,
      elsewhere: "token_inactive",
    },
    {
      name: "zitadel, JWT",
      server: jwts,
      isJwt: true,
      elsewhere: "audience_refused",
    },
  ];

  /** @type {(kind: Kind, change?: Partial<SourceOptions>) => Promise<string>} */
  async function getToken(
    {
      server: {
        issuer,
        clientId,
        clientSecret,
        api: { audience: id, projectId },
      },
      more,
    },
    change,
  ) {
    // The last of them lets the application revoke the token.
    const ofZitadel =
      projectId === undefined ? [] : [audience(id), roles(), audience(application.clientId)];
    const scope = ["openid", "profile", api(), ...ofZitadel];
    made += 1;
    const source = ec.tokenSource({
      issuer,
      clientId,
      clientSecret,
      scope,
      ...more,
      ...change,
      timeout: TIMEOUT + made,
    });
    return (await source.get()).accessToken;
  }

  /**
   * @type {(
   *   kind: Kind,
   *   change?: Partial<Options>,
   * ) => import("edge-credentials").TokenVerifier}
   */
  function startVerifier(
    {
      server: {
        issuer,
        api: { audience, projectId, clientId, clientSecret },
      },
      isJwt,
    },
    change,
  ) {
    const usual = {
      issuer,
      audience,
      ...(!isJwt && !change?.accept && { introspection: { clientId, clientSecret } }),
      ...(projectId !== undefined && { projectId }),
    };
    made += 1;
    return ec.tokenVerifier({ ...usual, ...change, timeout: TIMEOUT + made });
  }

  /**
   * @type {(
   *   verifier: import("edge-credentials").TokenVerifier,
   *   input: import("edge-credentials").TokenOrRequest,
   *   requirements: import("edge-credentials").Requirements | undefined,
   *   expected: { code: string; category?: string; status: number; challenge: string | null },
   * ) => Promise<Response>}
   */
  async function refused({ verify, challenge }, input, requirements, expected) {
    const error = await verify(input, requirements).catch((error) => error);
    ok(error instanceof ec.AuthError, `expected an AuthError, got ${JSON.stringify(error)}`);
    const response = challenge(error);
    const told = {
      code: error.code,
      category: error.category,
      status: response.status,
      challenge: response.headers.get("www-authenticate"),
    };
    equal(told, { category: "rejected", ...expected });
    equal([response.headers.get("cache-control"), await response.text()], ["no-store", ""]);
    return response;
  }
  const invalid = (/** @type {string} */ code) => ({
    code,
    status: 401,
    challenge: 'Bearer error="invalid_token"',
  });
  const lacking = (/** @type {string} */ code, /** @type {string} */ more = "") => ({
    code,
    status: 403,
    challenge: `Bearer error="insufficient_scope"${more}`,
  });

  /** @type {(token: string) => Request} */
  const withToken = (token) =>
    new Request(THINGS, { headers: { authorization: `Bearer ${token}` } });

  /** @type {(kind: Kind) => import("./index.js").Case[]} */
  const against = (kind) => {
    const { name, server, isJwt, elsewhere } = kind;
    const {
      api: { audience: id, projectId, clientId, clientSecret },
    } = server;
    /** @type {(what: string, run: () => Promise<void>) => import("./index.js").Case} */
    const it = (what, run) => ({ name: `${name}: ${what}`, run });
    const isZitadel = projectId !== undefined;
    return [
      it("a request's token is taken, and is known from then on", async () => {
        /** @type {string[]} */
        const asked = [];
        const verifier = startVerifier(kind, {
          fetch(url, init) {
            asked.push(new URL(url).pathname);
            return fetch(url, init);
          },
        });
        const token = await getToken(kind);
        equal(token.split(".").length, isJwt ? 3 : 1, "the parts of the token");
        const claims = await verifier.verify(withToken(token));
        equal(
          [claims.iss, claims.client_id, [claims.aud].flat().includes(id)],
          [server.issuer, server.clientId, true],
        );
        ok((await verifier.verify(token)) === claims, "others are given other claims");
        equal(
          asked,
          ["/.well-known/openid-configuration", isJwt ? "/oauth/v2/keys" : "/oauth/v2/introspect"],
          "what was asked",
        );
      }),
      it("a token is refused for another audience", async () => {
        const token = await getToken(kind);
        await refused(
          startVerifier(kind, { audience: "another" }),
          withToken(token),
          undefined,
          invalid("audience_refused"),
        );
        const verifier = startVerifier(kind);
        await verifier.verify(token);
        await refused(
          verifier,
          token,
          { audience: ["another", `${id}/`] },
          invalid("audience_refused"),
        );
        await verifier.verify(token, { audience: ["another", id] });
      }),
      it("a token that was changed is refused", async () => {
        const token = await getToken(kind);
        const at = token.length - 20;
        const other = token[at] === "A" ? "B" : "A";
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        const verifier = startVerifier(kind);
        await refused(
          verifier,
          withToken(changed),
          undefined,
          invalid(isJwt ? "token_invalid" : "token_inactive"),
        );
        await verifier.verify(token);
      }),
      it("a scope that is required", async () => {
        const verifier = startVerifier(kind);
        const token = await getToken(kind);
        // ZITADEL's JWTs name none.
        if (isZitadel && isJwt)
          await refused(
            verifier,
            token,
            { scope: "openid" },
            lacking("scope_insufficient", ', scope="openid"'),
          );
        else await verifier.verify(token, { scope: ["openid", "profile"] });
        await refused(
          verifier,
          token,
          { scope: "openid things:write" },
          lacking("scope_insufficient", ', scope="openid things:write"'),
        );
      }),
      ...(elsewhere
        ? [
            it("a token that is not for the API is refused", async () => {
              const token = await getToken(kind, { scope: "openid" });
              await refused(startVerifier(kind), withToken(token), undefined, invalid(elsewhere));
            }),
          ]
        : []),
      ...(isZitadel
        ? [
            it("a role that is required", async () => {
              const verifier = startVerifier(kind);
              const token = await getToken(kind);
              await verifier.verify(token, {
                role: [
                  "reader",
                  { role: "reader", project: projectId, organization: "317905284015718923" },
                ],
              });
              const others = [
                "admin",
                { role: "reader", project: "317905284016898828" },
                { role: "reader", organization: "317905284015718924" },
              ];
              for (const role of others)
                await refused(verifier, token, { role }, lacking("role_insufficient"));
            }),
          ]
        : []),
      it("a token that was revoked is refused, by whoever introspects", async () => {
        const token = await getToken(kind);
        const options = /** @type {const} */ ({
          accept: "opaque",
          introspection: { clientId, clientSecret },
        });
        await startVerifier(kind, options).verify(token);
        const { revocationEndpoint } = await discover(server);
        // With ZITADEL a service user may not, and with the other server nobody else may.
        const revoking = isZitadel
          ? { clientId, clientSecret }
          : { clientId: server.clientId, clientSecret: server.clientSecret };
        const request = ec.buildRevocationRequest({ revocationEndpoint, token, ...revoking });
        ec.parseRevocationResponse(await send(request), { request });
        await refused(startVerifier(kind, options), token, undefined, invalid("token_inactive"));
        // As the README says: the issuer is not asked about JWTs.
        if (isJwt) await startVerifier(kind).verify(token);
      }),
      it("an API that proves with a key who it is", async () => {
        const { sub, iss } = await startVerifier(kind, {
          accept: "opaque",
          introspection: { key: application },
        }).verify(await getToken(kind));
        equal([iss, sub !== undefined], [server.issuer, true]);
      }),
      it("an API whose own secret is wrong: not the caller's fault", async () => {
        const verifier = startVerifier(kind, {
          accept: "opaque",
          introspection: { clientId, clientSecret: "wrong" },
        });
        await refused(verifier, withToken(await getToken(kind)), undefined, {
          code: "credentials_refused",
          category: "denied",
          status: 500,
          challenge: null,
        });
      }),
    ];
  };

  return [
    ...kinds.flatMap(against),
    {
      name: "requests without a token, and with one that is none",
      async run() {
        const verifier = startVerifier(kinds[0]);
        const missing = { code: "token_missing", status: 401, challenge: "Bearer" };
        await refused(verifier, new Request(THINGS), undefined, missing);
        await refused(
          verifier,
          new Request(THINGS, { headers: { authorization: "Basic eDp5" } }),
          undefined,
          missing,
        );
        await refused(verifier, withToken("ä"), undefined, {
          code: "token_malformed",
          status: 400,
          challenge: 'Bearer error="invalid_request"',
        });
      },
    },
    {
      name: "an opaque token where JWTs are wanted",
      async run() {
        await refused(
          startVerifier(kinds[0], { accept: "jwt" }),
          await getToken(kinds[0]),
          undefined,
          invalid("token_invalid"),
        );
      },
    },
    {
      name: "oidc-provider: what looks like a JWT, and is none, is not the API's fault",
      async run() {
        // The server refuses to say anything of it, by 400 `unsupported_token_type`.
        for (const token of ["eyJhbGciOiJub25lIn0.e30", "eyJhbGciOiJub25lIn0.a.b.c.d"])
          await refused(startVerifier(kinds[0]), token, undefined, invalid("token_inactive"));
      },
    },
    {
      name: "a server that wants to be left alone",
      async run() {
        const answer = async () =>
          new Response("", { status: 429, headers: { "retry-after": "7" } });
        const expected = {
          code: "rate_limited",
          category: "unavailable",
          status: 503,
          challenge: null,
        };
        const response = await refused(
          startVerifier(kinds[0], { fetch: answer }),
          withToken("opaque"),
          undefined,
          expected,
        );
        const seconds = Number(response.headers.get("retry-after"));
        ok(seconds >= 1 && seconds <= 7, `after ${seconds} s`);
      },
    },
    ...algorithms(context),
  ];
}
