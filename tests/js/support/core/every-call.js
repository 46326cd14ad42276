// @ts-check
// Every function of the package with arguments that are good, and what must hold of any others: what
// comes out is an AuthError without a word of theirs, and no timer stays.
import assert from "node:assert/strict";
import * as ec from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";
import { lacks, MARKS, TOKEN } from "../canary.js";
import { advance, countTimers } from "../clock.js";
import { DIGITS } from "./hostile-values.js";
import { makeKey } from "../keys/jwt.js";
import { outcome as passTime, watch } from "../promises.js";

/** @typedef {{ run: (...args: any[]) => unknown; args: any[] }} Call */

export const ISSUER = "https://idp.example";
export const SERVER = "https://idp.example/token";
export const API = "https://api.example";
/** How long a call may take, ms. */
export const PATIENCE = 500;

/** @type {unknown[]} */
export const unheard = [];
process.on("unhandledRejection", (reason) => unheard.push(reason));

/**
 * The server and the API, which are good.
 *
 * @type {(url: string, init: RequestInit) => Promise<Response>}
 */
export async function fetch(url) {
  if (url.endsWith("/token"))
    return Response.json({ access_token: TOKEN, token_type: "Bearer", expires_in: 3600 });
  if (url.endsWith("/introspect"))
    return Response.json({
      active: true,
      aud: "api",
      sub: "1",
      scope: "read",
      exp: Date.now() / 1000 + 60,
    });
  if (url.endsWith("/keys")) return Response.json({ keys: [] });
  return new Response("fine");
}

const { privateKey } = makeKey("ES256");
export const jwk = { ...privateKey.export({ format: "jwk" }), kid: "1", alg: "ES256" };
export const key = await ec.importKey(jwk);
export const token = {
  accessToken: TOKEN,
  tokenType: "Bearer",
  scope: null,
  obtainedAt: 1,
  expiresAt: 2,
};
export const client = { clientId: "id", clientSecret: "secret" };
export const answer = {
  status: 400,
  headers: { "content-type": "application/json", "retry-after": "1", date: "x" },
  body: '{"error":"invalid_client"}',
};
export const sent = {
  method: "POST",
  url: SERVER,
  headers: { authorization: "Basic aWQ6c2VjcmV0" },
  body: "a=b",
  redirect: "manual",
};
const asked = {
  scope: ["a"],
  resource: ["https://a.example"],
  params: { a: "b" },
  insecureHttp: true,
};
export const used = {
  fetch,
  allowedOrigins: [API],
  insecureHttp: true,
  onEvent() {},
  timeout: PATIENCE,
};
export const verifying = {
  issuer: ISSUER,
  audience: ["api"],
  accept: "opaque",
  projectId: "1",
  scope: ["read"],
  role: [{ role: "writer", project: "1", organization: "2" }],
  jwksUri: `${ISSUER}/keys`,
  introspectionEndpoint: `${ISSUER}/introspect`,
  leeway: 1,
  timeout: PATIENCE,
  fetch,
  insecureHttp: true,
  onEvent() {},
};
const request = {
  headers: { authorization: `Bearer ${TOKEN}` },
  rawHeaders: ["authorization", `Bearer ${TOKEN}`],
};

export const source = ec.tokenSource({
  tokenEndpoint: SERVER,
  ...client,
  allowedOrigins: [API],
  fetch,
  apiFetch: fetch,
});
export const fixed = ec.tokenSource({ accessToken: TOKEN, allowedOrigins: [API], apiFetch: fetch });
export const verifier = ec.tokenVerifier({
  issuer: ISSUER,
  audience: "api",
  introspection: client,
  introspectionEndpoint: `${ISSUER}/introspect`,
  fetch,
});
const { scopes } = ec.zitadel;

/** @type {(options: any) => Promise<unknown>} */
export const useSource = async (options) => ec.tokenSource(options).get();
/** @type {(options: any) => Promise<unknown>} */
export const useVerifier = async (options) => ec.tokenVerifier(options).verify(TOKEN);

/**
 * Every function, by the name of its export.
 *
 * @type {Record<string, Call[]>}
 */
export const CALLS = {
  prepareAssertion: [
    {
      run: ec.prepareAssertion,
      args: [
        {
          key: {
            algorithm: "ES256",
            keyId: "1",
            userId: "2",
            clientId: "3",
            expiresAt: Date.now() + 9e9,
          },
          subject: "4",
          audience: ISSUER,
          now: 1,
        },
      ],
    },
  ],
  completeAssertion: [{ run: ec.completeAssertion, args: ["a.b", new Uint8Array(64)] }],
  toRequest: [{ run: ec.toRequest, args: [sent] }],
  buildIntrospectionRequest: [
    {
      run: ec.buildIntrospectionRequest,
      args: [
        {
          introspectionEndpoint: SERVER,
          token: "t",
          ...client,
          clientAuth: "client_secret_post",
          insecureHttp: true,
        },
      ],
    },
  ],
  parseIntrospectionResponse: [
    { run: ec.parseIntrospectionResponse, args: [answer, { now: 1, request: sent }] },
  ],
  importKey: [
    { run: ec.importKey, args: [jwk, { keyId: "1", algorithm: "ES256" }] },
    { run: ec.importKey, args: [JSON.stringify(jwk)] },
    { run: key.sign, args: ["text"] },
  ],
  buildMetadataRequest: [
    {
      run: ec.buildMetadataRequest,
      args: [{ issuer: ISSUER, wellKnown: "openid-configuration", insecureHttp: true }],
    },
  ],
  parseMetadataResponse: [
    {
      run: ec.parseMetadataResponse,
      args: [answer, { issuer: ISSUER, insecureHttp: true, now: 1 }],
    },
  ],
  buildRevocationRequest: [
    {
      run: ec.buildRevocationRequest,
      args: [
        {
          revocationEndpoint: SERVER,
          token: "t",
          clientId: "id",
          clientAssertion: "a.b.c",
          insecureHttp: true,
        },
      ],
    },
  ],
  parseRevocationResponse: [
    { run: ec.parseRevocationResponse, args: [answer, { now: 1, request: sent }] },
  ],
  buildTokenRequest: [
    {
      run: ec.buildTokenRequest,
      args: [{ tokenEndpoint: SERVER, ...client, clientAuth: "client_secret_basic", ...asked }],
    },
    { run: ec.buildTokenRequest, args: [{ tokenEndpoint: SERVER, assertion: "a.b.c", ...asked }] },
  ],
  parseTokenResponse: [
    { run: ec.parseTokenResponse, args: [answer, { requestedAt: 1, now: 1, request: sent }] },
  ],
  checkRequirements: [
    { run: ec.checkRequirements, args: [{ scope: ["a"], role: ["r"], audience: ["a"] }] },
  ],
  isExpired: [{ run: ec.isExpired, args: [token, { now: 1, leeway: 1 }] }],
  timeLeft: [{ run: ec.timeLeft, args: [token, { now: 1 }] }],
  authorizationHeader: [{ run: ec.authorizationHeader, args: [token] }],
  tokenSource: [
    {
      run: useSource,
      args: [
        {
          issuer: ISSUER,
          tokenEndpoint: SERVER,
          ...client,
          clientAuth: "client_secret_basic",
          ...asked,
          ...used,
        },
      ],
    },
    {
      run: useSource,
      args: [
        {
          tokenEndpoint: SERVER,
          key: jwk,
          clientId: "id",
          clientAuth: "private_key_jwt",
          keyId: "1",
          algorithm: "ES256",
          assertionAudience: ISSUER,
          ...used,
        },
      ],
    },
    { run: useSource, args: [{ tokenEndpoint: SERVER, key: jwk, userId: "1", ...used }] },
    {
      run: useSource,
      args: [
        { accessToken: TOKEN, allowedOrigins: [API], fetch, insecureHttp: true, onEvent() {} },
      ],
    },
    { run: source.get, args: [{ signal: new AbortController().signal }] },
    { run: source.authorization, args: [{ signal: new AbortController().signal }] },
    { run: source.invalidate, args: [{ accessToken: "other" }] },
    {
      run: source.fetch,
      args: [
        API,
        {
          method: "POST",
          headers: { "x-a": "b" },
          body: "c",
          redirect: "manual",
          signal: new AbortController().signal,
          cf: { a: 1 },
        },
      ],
    },
    {
      run: source.fetch,
      args: [{ url: API, method: "GET", headers: {}, signal: new AbortController().signal }, {}],
    },
    { run: fixed.get, args: [{ signal: new AbortController().signal }] },
  ],
  tokenVerifier: [
    {
      run: useVerifier,
      args: [
        {
          ...verifying,
          role: undefined,
          introspection: { ...client, clientAuth: "client_secret_basic" },
        },
      ].map(without),
    },
    {
      run: useVerifier,
      args: [
        {
          ...verifying,
          introspection: { key: jwk, clientId: "id", keyId: "1", algorithm: "ES256" },
        },
      ],
    },
    {
      run: verifier.verify,
      args: [
        request,
        {
          scope: ["read"],
          role: [{ role: "writer", project: "1", organization: "2" }],
          audience: ["api"],
          signal: new AbortController().signal,
        },
      ],
    },
    { run: verifier.verify, args: [TOKEN] },
    { run: verifier.challenge, args: [{ code: "token_expired", category: "rejected" }] },
    {
      run: verifier.challenge,
      args: [
        { code: "token_expired", category: "rejected" },
        { resourceMetadata: "https://api.example/a", scope: ["read"] },
      ],
    },
    {
      run: bearerAuth,
      args: [
        { verify: verifier.verify, challenge: verifier.challenge },
        { scope: ["read"], role: [{ role: "writer", project: "1" }], audience: ["api"] },
      ],
    },
  ],
  zitadel: [
    {
      run: ec.zitadel.roles,
      args: [{ "urn:zitadel:iam:org:project:1:roles": [{ writer: { 2: "a.example" } }] }, "1"],
    },
    { run: ec.zitadel.metadata, args: [{ "urn:zitadel:iam:user:metadata": { a: "YQ" } }] },
    ...[
      scopes.audience,
      scopes.role,
      scopes.organization,
      scopes.primaryDomain,
      scopes.organizationRoles,
    ].map((run) => ({ run, args: ["1"] })),
    ...[scopes.api, scopes.roles, scopes.metadata, scopes.resourceOwner].map((run) => ({
      run,
      args: [],
    })),
  ],
};

/**
 * An option that is `undefined` is refused before all others.
 *
 * @param {Record<string, unknown>} options
 */
function without(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @typedef {{ value?: unknown; thrown?: unknown }} Result */

/**
 * What it gives or throws, at once or with as much time as that takes.
 *
 * @type {(run: () => unknown) => Promise<Result>}
 */
export async function outcome(run) {
  const watched = watch(attempt(run));
  // Most calls need no time, which takes long to pass.
  await new Promise((done) => setImmediate(done));
  await passTime(watched);
  assert.ok(watched.done, "it never ends");
  return /** @type {Result} */ (watched.value);
}

/** @type {(run: () => unknown) => Promise<Result>} */
async function attempt(run) {
  try {
    return { value: await run() };
  } catch (thrown) {
    return { thrown };
  }
}

/** @type {(result: Result, what: string) => void} */
export function assertOurs(result, what) {
  if (!("thrown" in result)) return;
  const thrown = /** @type {ec.AuthError} */ (result.thrown);
  assert.ok(isOurs(thrown), `not an AuthError, ${what}: ${shown(thrown)}`);
  assert.notEqual(thrown.code, "internal", `${what}: ${shown(thrown)}`);
  lacks(thrown, [...MARKS, DIGITS, "\u0001\u0001"], what);
}

/**
 * Not by the brand alone, which anybody can have; `edge-credentials/hono` has a class of its own.
 *
 * @param {unknown} thrown
 */
function isOurs(thrown) {
  try {
    return thrown instanceof Error && thrown instanceof ec.AuthError;
  } catch {
    return false; // A proxy that throws.
  }
}

/** @param {unknown} thrown */
export function shown(thrown) {
  try {
    return String(/** @type {any} */ (thrown)?.stack ?? thrown);
  } catch {
    return "what cannot be printed";
  }
}

/**
 * Attempts that nobody waits for any more may go on for a while.
 *
 * @param {string} what
 */
export async function assertNoTimer(what) {
  for (let i = 0; countTimers() > 0 && i < 400; i += 1) await advance(50);
  assert.equal(countTimers(), 0, `a timer is left: ${what}`);
  assert.deepEqual(unheard, [], what);
}
