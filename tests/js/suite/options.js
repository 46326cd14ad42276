// @ts-check
// What the facade adds to the core: options are checked, errors are a class, results are plain.
import { equal, ok, thrown } from "./assert.js";

const GOOD = { tokenEndpoint: "https://idp.example/token", clientId: "id", clientSecret: "secret" };
const ALL =
  "tokenEndpoint, clientId, clientSecret, clientAuth, scope, resource, params, insecureHttp";
const TOKEN = { accessToken: "abc", obtainedAt: 0, expiresAt: 1000 };
// RFC 8037 appendix A.1.
const JWK = {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};
const ASSERTION = {
  key: { algorithm: /** @type {const} */ ("EdDSA") },
  subject: "42",
  audience: "https://idp.example",
  now: 0,
};

/** @returns {string} */
function thrower() {
  throw new Error("CANARY");
}

/** @type {import("./index.js").Suite} */
export function options({ ec }) {
  /**
   * @type {(
   *   name: string,
   *   run: () => unknown,
   *   message: string,
   *   hint?: string,
   * ) => import("./index.js").Case}
   */
  const misuse = (name, run, message, hint) => ({
    name: `misuse: ${name}`,
    run() {
      const error = thrown(run);
      ok(error instanceof ec.AuthError, `expected an AuthError, got ${error}`);
      equal([error.code, error.category, error.message], ["option_invalid", "misuse", message]);
      if (hint !== undefined) equal(error.hint, hint, "the hint");
      ok(error.hint.length > 0, "there is no hint");
    },
  });
  /** @type {(name: string, run: () => void) => import("./index.js").Case} */
  const it = (name, run) => ({ name, run });
  const build = (/** @type {any} */ change) => () => ec.buildTokenRequest({ ...GOOD, ...change });
  const parse =
    (/** @type {any} */ response, /** @type {any} */ context = { requestedAt: 0 }) =>
    () =>
      ec.parseTokenResponse(response, context);

  return [
    misuse(
      "an option that is undefined",
      build({ clientSecret: undefined }),
      "`clientSecret` is undefined: is the binding set?",
      "set what it comes from: in a Worker a secret or variable of wrangler's, elsewhere the " +
        "environment",
    ),
    misuse(
      "an optional one that names somebody",
      () =>
        ec.tokenSource({
          issuer: /** @type {any} */ (undefined),
          clientId: "a",
          clientSecret: "b",
        }),
      "`issuer` is undefined: is the binding set?",
      "set what it comes from: in a Worker a secret or variable of wrangler's, elsewhere the " +
        "environment; or leave the option out",
    ),
    misuse(
      "an option that is missing",
      () =>
        ec.buildTokenRequest(/** @type {any} */ ({ tokenEndpoint: "https://x", clientId: "a" })),
      "`clientSecret` is missing",
      `buildTokenRequest takes ${ALL}`,
    ),
    misuse(
      "an unknown option",
      build({ client_secret: "x" }),
      "`client_secret` is no option of buildTokenRequest",
      `did you mean \`clientSecret\`? it takes ${ALL}`,
    ),
    misuse(
      "an unknown option whose name may hold a secret",
      build({ "CANARY a-b": 1 }),
      "one of the names given is no option of buildTokenRequest",
    ),
    misuse(
      "no options at all",
      () => ec.buildTokenRequest(/** @type {any} */ (undefined)),
      `buildTokenRequest takes an object with ${ALL}, not undefined`,
    ),
    misuse(
      "a list for options",
      () => ec.buildTokenRequest(/** @type {any} */ ([])),
      `buildTokenRequest takes an object with ${ALL}, not a list`,
    ),
    misuse(
      "a number for a string",
      build({ clientId: 317905284016374539n }),
      "`clientId` must be a string, not a bigint",
    ),
    misuse(
      "null for a string",
      build({ tokenEndpoint: null }),
      "`tokenEndpoint` must be a string, not null",
    ),
    misuse(
      "a promise for a string",
      build({ clientSecret: Promise.resolve("x") }),
      "`clientSecret` must be a string, not a promise",
      "await it first",
    ),
    misuse(
      "a lone surrogate",
      build({ clientSecret: "a\ud800" }),
      "`clientSecret` must be a string, not one that UTF-8 cannot carry (a lone surrogate)",
    ),
    misuse(
      "a scope that holds no strings",
      build({ scope: ["a", 1] }),
      "`scope` must be a string or a list of strings",
    ),
    misuse(
      "params that hold no strings",
      build({ params: { a: 1 } }),
      "`params` must be an object of at most 1000 strings, a plain one",
    ),
    misuse(
      "a string for a boolean",
      build({ insecureHttp: "true" }),
      "`insecureHttp` must be true or false, not a string",
    ),
    misuse(
      "a whole Response",
      parse(new Response("{}")),
      "parseTokenResponse takes status, headers and body, not a whole Response, whose body is " +
        "still to be read",
      "const body = await response.text();\nparseTokenResponse({ status: response.status, " +
        "headers: response.headers, body }, …)",
    ),
    misuse(
      "a body that was not awaited",
      parse({ status: 200, body: Promise.resolve("{}") }),
      "`body` must be a string, not a promise",
      "await it first",
    ),
    misuse("no requestedAt", parse({ status: 200, body: "{}" }, {}), "`requestedAt` is missing"),
    misuse(
      "a requestedAt that is no time",
      parse({ status: 200, body: "{}" }, { requestedAt: NaN }),
      "`requestedAt` must be a number of milliseconds",
    ),
    misuse(
      "a status that is none",
      parse({ status: 1e9, body: "{}" }),
      "`status` must be a number from 0 to 999",
    ),
    misuse(
      "a token without times",
      () => ec.isExpired(/** @type {any} */ ({ accessToken: "abc" })),
      "`obtainedAt` is missing",
    ),
    misuse(
      "a negative leeway",
      () => ec.isExpired(TOKEN, { leeway: -1 }),
      "`leeway` must be a number of milliseconds, 0 or more",
    ),
    misuse(
      "no token",
      () => ec.authorizationHeader(/** @type {any} */ (null)),
      "authorizationHeader takes a token as parseTokenResponse gives it, not null",
    ),
    misuse(
      "a token that was not awaited",
      () => ec.isExpired(/** @type {any} */ (Promise.resolve(TOKEN))),
      "isExpired takes a token as parseTokenResponse gives it, not a promise",
      "await it first",
    ),
    misuse(
      "an answer that was not awaited",
      parse(Promise.resolve({})),
      "parseTokenResponse takes an object with status, headers, body, not a promise",
      "await it first",
    ),
    misuse(
      "a text for a token",
      () => ec.timeLeft(/** @type {any} */ ("abc")),
      "timeLeft takes a token as parseTokenResponse gives it, not a string",
    ),
    misuse(
      "a URL object",
      build({ tokenEndpoint: new URL("https://idp.example/token") }),
      "`tokenEndpoint` must be a string, not an object",
      "pass its href or its origin",
    ),
    misuse(
      "a token that no header may carry",
      () => ec.authorizationHeader({ accessToken: "a\r\nb: c" }),
      "the access token holds a control character",
    ),
    misuse(
      "a request that cannot be sent",
      () => ec.toRequest(/** @type {any} */ ({ method: "GET", url: "nowhere", headers: {} })),
      "this is no request that can be sent",
    ),
    misuse(
      "a number for an id",
      () => ec.zitadel.scopes.audience(/** @type {any} */ (Number("317905284016374539"))),
      "`projectId` must be a string, not a number",
    ),
    misuse(
      "an empty role",
      () => ec.zitadel.scopes.role(""),
      "the value of a ZITADEL scope is empty or holds characters that a scope cannot",
    ),

    it("nothing is taken from a polluted prototype", () => {
      const polluted = Object.create({ insecureHttp: true, scope: "admin" });
      equal(
        ec.buildTokenRequest(Object.assign(polluted, GOOD)).body,
        "grant_type=client_credentials",
      );
      const open = Object.assign(Object.create({ insecureHttp: true }), GOOD, {
        tokenEndpoint: "http://idp.example/token",
      });
      equal(thrown(() => ec.buildTokenRequest(open)).code, "url_insecure");
    }),
    misuse(
      "params that are a Map",
      build({ params: new Map([["a", "b"]]) }),
      "`params` must be an object of at most 1000 strings, a plain one",
    ),
    misuse(
      "an option that is a member of every object",
      build({ constructor: "x" }),
      "`constructor` is no option of buildTokenRequest",
    ),
    misuse(
      "headers that are a Map",
      parse({ status: 200, headers: new Map([["retry-after", "5"]]), body: "{}" }),
      "`headers` must be a Headers object or an object of strings",
    ),
    misuse(
      "a token that throws",
      () =>
        ec.authorizationHeader({
          get accessToken() {
            return thrower();
          },
        }),
      "an option threw when it was read",
    ),
    misuse(
      "headers that throw",
      parse({ status: 200, headers: new Proxy({}, { ownKeys: thrower }), body: "{}" }),
      "an option threw when it was read",
    ),
    misuse(
      "a request whose headers throw",
      parse(
        { status: 200, body: "{}" },
        {
          requestedAt: 0,
          request: { headers: new Proxy(new Headers(), { get: thrower }), body: "" },
        },
      ),
      "an option threw when it was read",
    ),
    misuse(
      "an answer that throws when looked at",
      parse(new Proxy({}, { has: () => Boolean(thrower()) })),
      "an option threw when it was read",
    ),
    misuse(
      "an option that throws",
      () =>
        ec.buildTokenRequest({
          ...GOOD,
          get scope() {
            return thrower();
          },
        }),
      "an option threw when it was read",
    ),

    it("nothing is taken from a polluted Object.prototype", () => {
      const pollution = {
        insecureHttp: true,
        scope: "admin",
        token_endpoint: "https://evil.example",
        accessToken: "evil",
        expiresAt: 1,
        authorization: "x",
        cause: "x",
        status: 7,
        error: "evil",
        then: "x",
      };
      try {
        for (const [name, value] of Object.entries(pollution))
          Reflect.set(Object.prototype, name, value);
        equal(ec.buildTokenRequest(GOOD).body, "grant_type=client_credentials");
        equal(
          thrown(() => ec.buildTokenRequest({ ...GOOD, tokenEndpoint: "http://idp.example/token" }))
            .code,
          "url_insecure",
        );
        const issuer = "https://idp.example";
        equal(
          ec.parseMetadataResponse({ status: 200, body: JSON.stringify({ issuer }) }, { issuer })
            .tokenEndpoint,
          null,
        );
        equal(
          thrown(() => ec.authorizationHeader(/** @type {any} */ ({}))).message,
          "`accessToken` is missing",
        );
        equal(
          thrown(() => ec.isExpired(/** @type {any} */ ({ obtainedAt: 0 }))).message,
          "`expiresAt` is missing",
        );
        const error = thrown(() =>
          ec.parseTokenResponse({ status: 429, headers: {}, body: "" }, { requestedAt: 0 }),
        );
        equal(
          [
            error.code,
            error.retryAt,
            Object.hasOwn(error, "cause"),
            Object.hasOwn(JSON.parse(JSON.stringify(error)), "error"),
          ],
          ["rate_limited", undefined, false, false],
        );
      } finally {
        for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
      }
    }),
    it("headers may be an object in any case, a list in it, or a Headers", () => {
      for (const headers of [
        { "Retry-After": "5" },
        { "retry-after": ["5", "6"] },
        new Headers({ "retry-after": "5" }),
      ]) {
        const error = thrown(parse({ status: 429, headers, body: "" }, { requestedAt: 0, now: 0 }));
        equal([error.code, error.retryAt], ["rate_limited", 5000]);
      }
    }),
    it("what UTF-8 cannot carry in headers and sent requests loses neither an error nor a token", () => {
      const answer = { status: 200, body: '{"access_token":"a","token_type":"Bearer"}' };
      const headers = { "content-type": "text/\ud800", "retry-after": "\udc00" };
      equal(ec.parseTokenResponse({ ...answer, headers }, { requestedAt: 0 }).accessToken, "a");
      const failed = thrown(parse({ ...answer, status: 500, headers }, { requestedAt: 0 }));
      equal(failed.code, "server_failed");
      const request = { ...ec.buildTokenRequest(GOOD), body: "a=\ud800" };
      equal(ec.parseTokenResponse(answer, { requestedAt: 0, request }).accessToken, "a");
    }),
    it("a polluted toJSON changes nothing", () => {
      const pollution = {
        value: () => ({ tokenEndpoint: "https://evil.example" }),
        configurable: true,
      };
      for (const polluted of [Object.prototype, String.prototype]) {
        Object.defineProperty(polluted, "toJSON", pollution);
        try {
          equal(ec.buildTokenRequest(GOOD).url, GOOD.tokenEndpoint);
          ok(
            ec.tokenSource({ issuer: "https://idp.example", userId: "42", key: JWK }),
            "no source",
          );
        } finally {
          Reflect.deleteProperty(polluted, "toJSON");
        }
      }
    }),
    it("insecureHttp that is false permits nothing", () => {
      equal(
        thrown(build({ tokenEndpoint: "http://idp.example/token", insecureHttp: false })).code,
        "url_insecure",
      );
    }),
    it("a key is imported as one says, and cannot be changed", async () => {
      const { sign, ...bare } = await ec.importKey(JWK);
      equal(bare, {
        algorithm: "EdDSA",
        keyId: null,
        userId: null,
        clientId: null,
        expiresAt: null,
      });
      const key = await ec.importKey(
        { ...JWK, kid: "1", alg: "EdDSA" },
        { keyId: "2", algorithm: "Ed25519" },
      );
      equal([key.algorithm, key.keyId, Object.isFrozen(key)], ["Ed25519", "2", true]);
    }),
    it("what cannot be a key is refused", async () => {
      for (const [key, given] of /** @type {const} */ ([
        [() => JWK, "a function"],
        [Promise.resolve(JWK), "a promise"],
        [[JWK], "a list"],
        [new Date(), "an object"],
      ])) {
        const error = await ec.importKey(/** @type {any} */ (key)).catch((error) => error);
        equal(
          [error.code, error.message],
          ["option_invalid", `\`key\` must be a string, its bytes or a plain object, not ${given}`],
        );
      }
    }),
    it("an assertion is of whom one says, else of whom the key names", () => {
      const { subject, ...rest } = ASSERTION;
      for (const [change, expected] of /** @type {const} */ ([
        [{ userId: "1" }, "1"],
        [{ clientId: "2" }, "2"],
        [{ userId: null, clientId: "2" }, "2"],
      ])) {
        const key = { ...ASSERTION.key, ...change };
        equal(claimsOf(ec.prepareAssertion({ ...rest, key })).sub, expected);
        equal(claimsOf(ec.prepareAssertion({ ...rest, key, subject })).sub, subject);
      }
    }),
    misuse(
      "an assertion beside a client",
      () =>
        ec.buildTokenRequest({
          tokenEndpoint: GOOD.tokenEndpoint,
          clientId: "a",
          assertion: "a.b.c",
        }),
      "`clientId` and `clientSecret` go together beside an `assertion`",
      "give both, for a server that wants client credentials too, or neither",
    ),
    misuse(
      "an assertion for nobody",
      () => ec.prepareAssertion(/** @type {any} */ ({ key: ASSERTION.key, subject: "42" })),
      "`audience` is missing",
    ),
    misuse(
      "an assertion of nobody",
      () => ec.prepareAssertion({ key: ASSERTION.key, audience: "a" }),
      "the assertion's subject is empty",
    ),
    misuse(
      "a key without an algorithm",
      () => ec.prepareAssertion({ ...ASSERTION, key: /** @type {any} */ ({ keyId: "1" }) }),
      "`algorithm` is missing",
    ),
    it("a signature that is no bytes is refused", () => {
      const input = ec.prepareAssertion(ASSERTION);
      for (const [signature, given] of /** @type {const} */ ([
        [[1, 2], "a list"],
        [{ 0: 1 }, "an object"],
        [new Uint16Array(64), "an object"],
        ["AQI", "a string"],
      ])) {
        const error = thrown(() => ec.completeAssertion(input, /** @type {any} */ (signature)));
        equal(
          [error.code, error.message],
          ["option_invalid", `\`signature\` must be a Uint8Array or an ArrayBuffer, not ${given}`],
        );
      }
    }),
    it("the clock is used where no time is given", () => {
      const now = Date.now();
      ok(
        !ec.isExpired({ obtainedAt: now, expiresAt: now + 3_600_000 }),
        "a fresh token is expired",
      );
      ok(
        ec.isExpired({ obtainedAt: now - 7_200_000, expiresAt: now - 3_600_000 }),
        "an old token is fresh",
      );
      const left = ec.timeLeft({ obtainedAt: now, expiresAt: now + 60_000 });
      ok(left > 0 && left <= 60_000, `timeLeft is ${left}`);
    }),
    it("results are plain objects", () => {
      const request = ec.buildTokenRequest(GOOD);
      const token = ec.parseTokenResponse(
        { status: 200, body: '{"access_token":"a","token_type":"Bearer"}' },
        { requestedAt: 0 },
      );
      for (const result of [request, token]) equal(JSON.parse(JSON.stringify(result)), result);
    }),
    it("a request that was sent with more than the builder gave loses no token", () => {
      const answer = { status: 200, body: '{"access_token":"a","token_type":"Bearer"}' };
      const request = /** @type {any} */ ({
        ...ec.buildTokenRequest(GOOD),
        signal: AbortSignal.timeout(1),
        cache: "no-store",
      });
      equal(ec.parseTokenResponse(answer, { requestedAt: 0, request }).accessToken, "a");
      for (const odd of [{}, { body: new URLSearchParams("a=b") }, { headers: 7 }]) {
        equal(
          ec.parseTokenResponse(answer, { requestedAt: 0, request: /** @type {any} */ (odd) })
            .accessToken,
          "a",
        );
      }
    }),
    it("requests are not to be cached, and each is one that the runtime takes", () => {
      // Older compatibility dates throw at it.
      const cache =
        globalThis.navigator?.userAgent === "Cloudflare-Workers" ? undefined : "no-store";
      const { tokenEndpoint: endpoint, ...client } = GOOD;
      const built = [
        ec.buildTokenRequest(GOOD),
        ec.buildMetadataRequest({ issuer: "https://idp.example" }),
        ec.buildIntrospectionRequest({ introspectionEndpoint: endpoint, token: "abc", ...client }),
        ec.buildRevocationRequest({ revocationEndpoint: endpoint, token: "abc", ...client }),
      ];
      for (const request of built) {
        equal([request.cache, Object.hasOwn(request, "cache")], [cache, cache !== undefined]);
        for (const standard of [new Request(request.url, request), ec.toRequest(request)]) {
          equal([standard.url, standard.redirect], [request.url, "manual"]);
          // Not every runtime shows it.
          if (cache && standard.cache) equal(standard.cache, cache);
        }
        // It may have been built in another runtime.
        const { cache: _, ...bare } = request;
        for (const other of [bare, { ...bare, cache: /** @type {const} */ ("no-store") }])
          equal(ec.toRequest(other).url, request.url);
      }
    }),
    it("toRequest makes a standard Request that is not redirected", async () => {
      const request = ec.toRequest(ec.buildTokenRequest(GOOD));
      ok(request instanceof Request, "no Request");
      equal(
        [request.method, request.url, request.redirect],
        ["POST", GOOD.tokenEndpoint, "manual"],
      );
      equal(request.headers.get("authorization"), `Basic ${btoa("id:secret")}`);
      equal(request.headers.get("content-type"), "application/x-www-form-urlencoded");
      equal(await request.text(), "grant_type=client_credentials");
      equal(ec.toRequest(ec.buildMetadataRequest({ issuer: "https://idp.example" })).method, "GET");
    }),
    it("AuthError is a class, across copies of the package too", () => {
      const error = thrown(build({ clientId: "" }));
      ok(error instanceof ec.AuthError && error instanceof Error, "not an instance");
      equal([error.name, String(error)], ["AuthError", "AuthError: the client id is empty"]);
      class Special extends ec.AuthError {}
      ok(!(error instanceof Special), "an AuthError is taken for every subclass");
      error.name = "Renamed";
      const copy = Object.assign(new Error("x"), {
        [Symbol.for("edge-credentials.AuthError")]: true,
      });
      ok(copy instanceof ec.AuthError, "another copy's error is not recognised");
      ok(
        !(new Error("x") instanceof ec.AuthError) &&
          !(/** @type {any} */ (null) instanceof ec.AuthError),
        "anything is recognised",
      );
    }),
    it("zitadel.scopes spells every reserved scope", () => {
      const { scopes } = ec.zitadel;
      equal(
        [
          scopes.api(),
          scopes.audience("1"),
          scopes.role("reader"),
          scopes.roles(),
          scopes.organization("2"),
        ],
        [
          "urn:zitadel:iam:org:project:id:zitadel:aud",
          "urn:zitadel:iam:org:project:id:1:aud",
          "urn:zitadel:iam:org:project:role:reader",
          "urn:zitadel:iam:org:projects:roles",
          "urn:zitadel:iam:org:id:2",
        ],
      );
      equal(
        [
          scopes.primaryDomain("acme.example"),
          scopes.organizationRoles("2"),
          scopes.metadata(),
          scopes.resourceOwner(),
        ],
        [
          "urn:zitadel:iam:org:domain:primary:acme.example",
          "urn:zitadel:iam:org:roles:id:2",
          "urn:zitadel:iam:user:metadata",
          "urn:zitadel:iam:user:resourceowner",
        ],
      );
    }),
  ];
}

/** @param {string} signingInput */
function claimsOf(signingInput) {
  return JSON.parse(atob(signingInput.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
}
