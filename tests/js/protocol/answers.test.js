// @ts-check
// An answer is read without the request that it answers, and with it only where there is an error
// to be told.
import assert from "node:assert/strict";
import test from "node:test";
import { runInNewContext } from "node:vm";
import {
  buildIntrospectionRequest,
  buildRevocationRequest,
  buildTokenRequest,
  parseIntrospectionResponse,
  parseRevocationResponse,
  parseTokenResponse,
} from "edge-credentials";
import { thrown } from "../support/errors.js";

const SECRET = "s3cret-of-mine";
const CLIENT = { clientId: "a", clientSecret: SECRET };
/**
 * At introspection any other 400 is about the token.
 *
 * @param {string} name
 */
const refused = (name) => {
  const error = name === "parseIntrospectionResponse" ? "invalid_client" : "tenant_suspended";
  return {
    status: 400,
    body: JSON.stringify({ error, error_description: `the tenant of ${SECRET} is suspended` }),
  };
};

/**
 * @type {[
 *   name: string,
 *   request: import("edge-credentials").RequestData,
 *   good: import("edge-credentials").ResponseData,
 *   parse: (response: any, request: any) => unknown,
 * ][]}
 */
const PARSERS = [
  [
    "parseTokenResponse",
    buildTokenRequest({ ...CLIENT, tokenEndpoint: "https://idp.example/token" }),
    { status: 200, body: '{"access_token":"t","token_type":"Bearer"}' },
    (response, request) => parseTokenResponse(response, { requestedAt: 0, request }),
  ],
  [
    "parseRevocationResponse",
    buildRevocationRequest({
      ...CLIENT,
      revocationEndpoint: "https://idp.example/revoke",
      token: "8qZ-vL2.xY7",
    }),
    { status: 200, body: "" },
    (response, request) => parseRevocationResponse(response, { request }),
  ],
  [
    "parseIntrospectionResponse",
    buildIntrospectionRequest({
      ...CLIENT,
      introspectionEndpoint: "https://idp.example/introspect",
      token: "8qZ-vL2.xY7",
    }),
    { status: 200, body: '{"active":true}' },
    (response, request) => parseIntrospectionResponse(response, { request }),
  ],
];

for (const [name, request, good, parse] of PARSERS) {
  test(`${name}: what was sent is not looked at where the answer is good, and cleans the server's words where it is not`, () => {
    let reads = 0;
    const headers = new Proxy(request.headers, {
      ownKeys(target) {
        reads += 1;
        return Reflect.ownKeys(target);
      },
    });
    const watched = { ...request, headers };
    parse(good, watched);
    assert.equal(reads, 0);
    const { code, error, errorDescription } = thrown(() => parse(refused(name), watched));
    assert.notEqual(reads, 0);
    const isIntrospection = name === "parseIntrospectionResponse";
    const expected = isIntrospection
      ? ["credentials_refused", "invalid_client"]
      : ["request_refused", "tenant_suspended"];
    assert.deepEqual(
      [code, error, errorDescription],
      [...expected, "the tenant of [redacted] is suspended"],
    );
  });

  test(`${name}: a request that cannot be read costs no good answer, and shows nothing of a bad one`, () => {
    /** @type {any[]} */
    const spoiled = [
      {
        get authorization() {
          throw new Error(SECRET);
        },
      },
      { get: 5, [Symbol.toStringTag]: "Headers" },
    ];
    for (const headers of spoiled) {
      const unreadable = { ...request, headers };
      parse(good, unreadable);
      const error = thrown(() => parse(refused(name), unreadable));
      assert.equal(error.code, "option_invalid");
      assert.doesNotMatch(JSON.stringify(error) + error.stack, new RegExp(SECRET));
    }
  });

  test(`${name}: without the request nothing of the server's words is shown`, () => {
    assert.doesNotMatch(JSON.stringify(thrown(() => parse(refused(name), undefined))), /suspended/);
  });
}

test("half a character in what was sent takes nothing from what is told", () => {
  const [, request] = PARSERS[0];
  for (const spoiled of [
    { ...request, body: `${request.body}&x=\ud800` },
    {
      ...request,
      headers: { ...request.headers, authorization: `${request.headers.authorization}\udc00` },
    },
  ]) {
    const { code, errorDescription } = thrown(() =>
      parseTokenResponse(refused("parseTokenResponse"), { requestedAt: 0, request: spoiled }),
    );
    assert.equal(code, "request_refused");
    assert.doesNotMatch(errorDescription ?? "", new RegExp(SECRET));
  }
});

test("headers are read by the `get` of whatever tells by its tag that it is `Headers`, and of a plain object by its names", () => {
  const get = (/** @type {string} */ name) =>
    ({ "retry-after": "30", date: "\ud800" })[name] ?? null;
  /** @type {any[]} */
  const all = [
    new Headers({ "retry-after": "30" }),
    { get, [Symbol.toStringTag]: "Headers" },
    { "Retry-After": "30" },
    { "retry-after": ["30", "60"] },
    runInNewContext('({ "retry-after": "30" })'),
  ];
  for (const headers of all) {
    const { code, retryAt } = thrown(() =>
      parseTokenResponse({ status: 429, headers, body: "" }, { requestedAt: 0, now: 1_000 }),
    );
    assert.deepEqual([code, retryAt], ["rate_limited", 31_000]);
  }
  const { code } = thrown(() =>
    parseTokenResponse(
      { status: 429, headers: /** @type {any} */ ({ [Symbol.toStringTag]: "Headers" }), body: "" },
      { requestedAt: 0 },
    ),
  );
  assert.equal(code, "option_invalid");
});
