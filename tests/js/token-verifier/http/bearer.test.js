// @ts-check
// How a token is read from a request: RFC 6750's `authorization` header, one of it, and nothing
// else.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import test from "node:test";
import { realTime } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { listen } from "../../support/http/listen.js";
import { settled } from "../../support/promises.js";
import { AUDIENCE, CLIENT, verifierFixture } from "../../support/fixtures/token-verifier.js";

/**
 * A verifier that takes every token, and says which it was as `sub`.
 *
 * @param {import("node:test").TestContext} t
 */
function mirror(t) {
  const { server, verifier, requests } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = (token) => ({ body: { active: true, aud: AUDIENCE, sub: token } });
  /** @param {any} input */
  const read = async (input) => (await settled(verifier.verify(input))).sub;
  /**
   * @param {any} input
   * @param {string} code
   */
  const refuse = (input, code) => fails(() => verifier.verify(input), code);
  return { verifier, requests, read, refuse };
}

/** @param {string} authorization */
const request = (authorization) =>
  new Request("https://api.example/", { headers: { authorization } });
/** @param {string} authorization What no `Request` would let through. */
const raw = (authorization) => ({ headers: { authorization } });

test("the scheme is read in any case, with blanks around the token and no other character", async (t) => {
  const { read } = mirror(t);
  for (const value of [
    "Bearer abc",
    "bearer abc",
    "BEARER abc",
    "bEaReR abc",
    "Bearer    abc",
    "Bearer abc ",
    "Bearer abc \t ",
    "  Bearer abc\t",
  ]) {
    assert.equal(await read(request(value)), "abc", JSON.stringify(value));
  }
  for (const value of ["Bearer abc", "Bearer   abc", "Bearer abc  ", "Bearer abc\t \t"])
    assert.equal(await read(raw(value)), "abc", JSON.stringify(value));
});

test("a token is a b64token: every character of that is taken, and padding at the end alone", async (t) => {
  const { read, refuse } = mirror(t);
  const all = "ABCXYZabcxyz0189-._~+/";
  for (const token of [all, `${all}=`, `${all}====`, "-", "/", "a.b.c.d.e", "eyJ.a"]) {
    assert.equal(await read(request(`Bearer ${token}`)), token);
    assert.equal(await read(token), token);
  }
  for (const token of [
    "=",
    "a=b",
    "=a",
    "a,b",
    "a b",
    'a"',
    "a\\",
    "a:b",
    "a@b",
    "a%20",
    "a;b",
    "{a}",
    "ä",
    "a\u00a0",
    "a\u200b",
    "\ufeffa",
    "a\ud800",
    "a\nb",
    "a\n",
    "a\r\n",
    "a\0",
    "a\u2028",
    "a\v",
    "a\f",
    "🔑",
    "",
  ]) {
    await refuse(token, token === "" ? "token_missing" : "token_malformed");
    await refuse(raw(`Bearer ${token}`), "token_malformed");
  }
});

test("no bearer token is 401 without an error; a token that cannot be one is 400; the server is not asked", async (t) => {
  const { verifier, requests, refuse } = mirror(t);
  const cases = /** @type {const} */ ([
    [
      "token_missing",
      401,
      "Bearer",
      [
        "",
        "abc",
        "Basic YTpi",
        "basic Bearer",
        "Bearerabc",
        "Bearer,abc",
        "Bearer=abc",
        "DPoP abc",
        "Token abc",
        "Bearer\tabc",
        "Bearer\u00a0abc",
      ],
    ],
    [
      "token_malformed",
      400,
      'Bearer error="invalid_request"',
      [
        "Bearer",
        "Bearer ",
        "Bearer \tabc",
        "Bearer \u00a0abc",
        "Bearer abc\u00a0",
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer a,Bearer b",
        "Bearer a,",
        "Bearer token=a",
        'Bearer realm="a"',
        "Bearer Bearer a",
      ],
    ],
  ]);
  for (const [code, status, challenge, values] of cases) {
    for (const value of values) {
      for (const input of [request(value), raw(value)]) {
        const answer = verifier.challenge(await refuse(input, code));
        assert.deepEqual(
          [answer.status, answer.headers.get("www-authenticate")],
          [status, challenge],
          JSON.stringify(value),
        );
      }
    }
  }
  assert.deepEqual(requests, []);
});

test("a JWT has 64 KiB at most, or as many characters as `maxTokenLength` says", async (t) => {
  const jwtOf = (
    /** @type {ReturnType<typeof verifierFixture>["server"]} */ server,
    length = 0,
  ) => {
    let token = server.jwt({ pad: "" });
    let pad = Math.floor(((length - token.length) * 3) / 4) - 4;
    while (token.length < length) {
      token = server.jwt({ pad: "x".repeat(pad) });
      pad += 1;
    }
    return token;
  };
  for (const maxTokenLength of [undefined, 1_000, 20_000, 100_000]) {
    const { server, verifier } = verifierFixture(t, {
      introspection: CLIENT,
      ...(maxTokenLength && { maxTokenLength }),
    });
    const longest = maxTokenLength ?? 65_536;
    await settled(verifier.verify(jwtOf(server, longest - 2)));
    const token = jwtOf(server, longest + 1);
    const { message, hint } = await fails(() => verifier.verify(token), "token_malformed");
    assert.equal(
      message,
      `the token has ${token.length} characters, more than the ${longest} that are accepted`,
    );
    assert.match(hint, /raise `maxTokenLength`/);
    // What is no JWT has a limit of its own.
    await fails(() => verifier.verify("t".repeat(16_385)), "token_malformed");
    await fails(() => verifier.verify("t".repeat(16_384)), "token_inactive");
  }
  for (const maxTokenLength of [0, -1, 1.5, NaN, 2 ** 20 + 1])
    assert.throws(() => verifierFixture(t, { maxTokenLength }), { code: "option_invalid" });
});

test("a token that is no JWT has 16 KiB at most", async (t) => {
  const { read, refuse, requests } = mirror(t);
  const longest = "t".repeat(16_384);
  for (const input of [
    longest,
    raw(`Bearer ${longest}`),
    raw(`Bearer ${" ".repeat(9_000)}${longest}  `),
  ])
    assert.equal(await read(input), longest);
  const { length } = requests;
  for (const input of [`${longest}t`, raw(`Bearer ${longest}t`), raw(`Bearer ${longest}=`)])
    await refuse(input, "token_malformed");
  assert.equal(requests.length, length);
});

test("the time that a header takes grows as its length does, not as the square of it", async (t) => {
  const { verifier } = mirror(t);
  /** @type {((length: number) => string)[]} */
  const headers = [
    (length) => `Bearer ${" ".repeat(length)}`,
    (length) => `Bearer ${" ".repeat(length)}a`,
    (length) => `Bearer a${" ".repeat(length)}b`,
    (length) => `Bearer a${"\t ".repeat(length / 2)}b`,
    (length) => `Bearer ${"a ".repeat(length / 2)}`,
    (length) => `Bearer ${"=".repeat(length)}!`,
    (length) => `Bearer ${"a".repeat(length)}!`,
    (length) => `Bearer a${"\u00a0".repeat(length)}b`,
    (length) => `${"Bearer,".repeat(length / 7)}`,
  ];
  /**
   * The best of several.
   *
   * @param {number} length
   */
  const time = async (length) => {
    const times = [];
    for (let i = 0; i < 5; i += 1) {
      const inputs = headers.map((header) => raw(header(length)));
      const start = realTime();
      for (const input of inputs) await verifier.verify(input).catch(() => {});
      times.push(realTime() - start);
    }
    return Math.min(...times);
  };
  await time(1_024);
  const short = await time(4_096);
  const long = await time(32 * 4_096);
  assert.ok(long / short < 300, `${short} ms, then ${long} ms`);
  const ended = await Promise.allSettled(
    headers.map((header) => settled(verifier.verify(raw(header(2 ** 20))))),
  );
  assert.deepEqual(
    ended.map(({ status }) => status === "fulfilled"),
    headers.map((_, at) => at === 1),
    "blanks before a good token, and nothing else",
  );
});

test("requests of every kind are read: the standard's, plain ones, those of libraries", async (t) => {
  const { read, refuse } = mirror(t);
  class OtherHeaders {
    #value;
    /** @param {string | null | undefined} value */
    constructor(value) {
      this.#value = value;
    }
    /** @param {string} name */
    get(name) {
      return name.toLowerCase() === "authorization" ? this.#value : null;
    }
  }
  const good = [
    { headers: new Headers({ Authorization: "Bearer abc" }) },
    { headers: new OtherHeaders("Bearer abc") },
    { headers: new Map([["authorization", "Bearer abc"]]) },
    { headers: { Authorization: "Bearer abc" } },
    { headers: { AUTHORIZATION: "Bearer abc", get: "a header that is called so" } },
    { headers: { authorization: ["Bearer abc"] } },
    {
      headers: Object.assign(Object.create(null), {
        authorization: "Bearer abc",
        cookie: undefined,
      }),
    },
    Object.assign(Object.create(null), { headers: { authorization: "Bearer abc" }, url: "/" }),
    "abc",
  ];
  for (const input of good) assert.equal(await read(input), "abc");
  for (const headers of [
    {},
    { authorization: undefined },
    { authorization: [] },
    new OtherHeaders(null),
    new OtherHeaders(undefined),
    new Headers(),
  ])
    await refuse({ headers }, "token_missing");
  const twice = new Headers([
    ["authorization", "Bearer abc"],
    ["authorization", "Bearer abc"],
  ]);
  for (const headers of [
    twice,
    { authorization: ["Bearer abc", "Bearer abc"] },
    { authorization: "Bearer abc", Authorization: "Bearer abc" },
  ])
    await refuse({ headers }, "token_malformed");
});

test("requests as Node's server gives them are read, and a second `authorization`, which it hides, is seen", async (t) => {
  const { verifier } = mirror(t);
  const server = createServer(async (request, response) => {
    const answer = await verifier.verify(request).then(
      ({ sub }) => String(sub),
      ({ code }) => code,
    );
    response.end(answer);
  });
  const { port } = await listen(server);
  t.after(() => server.close());
  /** @param {string[]} headers */
  const ask = async (...headers) => {
    const socket = connect(port, "127.0.0.1");
    socket.end(
      [
        "GET /?access_token=query HTTP/1.1",
        "Host: a",
        "Connection: close",
        ...headers,
        "",
        "",
      ].join("\r\n"),
    );
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    return String(Buffer.concat(chunks))
      .split("\r\n\r\n")[1]
      .split("\r\n")
      .find((line) => /\D/.test(line));
  };
  assert.equal(await ask("AUTHORIZATION:  bearer   abcdefghij \t"), "abcdefghij");
  assert.equal(await ask("Cookie: authorization=Bearer"), "token_missing");
  assert.equal(
    await ask("Authorization: Bearer abcdefghij", "aUTHORIZATION: Bearer other"),
    "token_malformed",
  );
  assert.equal(
    await ask("Authorization: Basic YTpi", "Authorization: Bearer other"),
    "token_malformed",
  );
  assert.equal(
    await ask(
      "X-Name: Authorization",
      "X-Other: authorization",
      "Authorization: Bearer abcdefghij",
    ),
    "abcdefghij",
  );
});

test("neither query nor body nor cookie is read", async (t) => {
  const { refuse } = mirror(t);
  const body = new URLSearchParams({ access_token: "abc" });
  const posted = new Request("https://api.example/?access_token=abc&authorization=Bearer+abc", {
    method: "POST",
    body,
    headers: { "x-authorization": "Bearer abc", "proxy-authorization": "Bearer abc" },
  });
  await refuse(posted, "token_missing");
  assert.equal(posted.bodyUsed, false);
  await refuse(
    {
      url: "/?access_token=abc",
      body: { access_token: "abc" },
      query: { access_token: "abc" },
      cookies: { access_token: "abc" },
      headers: { cookie: "access_token=abc" },
    },
    "token_missing",
  );
});

test("nothing is a request without a token, as a cookie gives it that is not there: 401", async (t) => {
  const { verifier, refuse, requests } = mirror(t);
  const empty = { headers: { authorization: "" } };
  for (const input of [undefined, null, "", empty]) {
    const { status, headers } = verifier.challenge(await refuse(input, "token_missing"));
    assert.deepEqual([status, headers.get("www-authenticate")], [401, "Bearer"]);
  }
  assert.deepEqual(requests, []);
});

test("a header of a million blanks is read once, not once for each of them", async (t) => {
  const { refuse } = mirror(t);
  for (const token of [" x y", " \tx", "\t", ""])
    await refuse(raw(`Bearer${" ".repeat(2 ** 20)}${token}`), "token_malformed");
});

test("what is neither request nor token is the caller's mistake: 500 without a challenge", async (t) => {
  const { verifier, refuse, requests } = mirror(t);
  const nothings = [
    5,
    true,
    5n,
    Symbol("a"),
    () => "abc",
    [],
    ["abc"],
    Promise.resolve("abc"),
    new URL("https://api.example"),
    new String("abc"),
  ];
  const headerless = [undefined, null, 5, () => {}].map((headers) => ({ headers }));
  const throwing = () => {
    throw new Error("hidden");
  };
  const hostile = new Proxy(
    {},
    { get: throwing, has: throwing, ownKeys: throwing, getPrototypeOf: throwing },
  );
  const throwers = [
    {
      get headers() {
        return throwing();
      },
    },
    {
      headers: {
        get authorization() {
          return throwing();
        },
      },
    },
    { headers: { get: throwing } },
    { headers: hostile },
    hostile,
    {
      headers: {},
      get rawHeaders() {
        return throwing();
      },
    },
  ];
  for (const input of [...nothings, ...headerless, ...throwers]) {
    const error = await refuse(input, "option_invalid");
    assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes("hidden"));
    const { status, headers } = verifier.challenge(error);
    assert.deepEqual(
      [error.category, status, headers.get("www-authenticate")],
      ["misuse", 500, null],
    );
  }
  assert.deepEqual(requests, []);
});

test("a polluted prototype brings no token", async (t) => {
  const { refuse, read } = mirror(t);
  const prototype = /** @type {any} */ (Object.prototype);
  const request = new Request("https://api.example/");
  const pollution = {
    authorization: "Bearer evil",
    Authorization: ["Bearer evil"],
    rawHeaders: ["authorization", "Bearer evil"],
    headers: { authorization: "Bearer evil" },
  };
  t.after(() => Object.keys(pollution).forEach((name) => delete prototype[name]));
  Object.assign(prototype, pollution);
  await refuse({ headers: {} }, "token_missing");
  await refuse(request, "token_missing");
  await refuse(5, "option_invalid");
  assert.equal(await read({ headers: { authorization: "Bearer abc" } }), "abc");
});
