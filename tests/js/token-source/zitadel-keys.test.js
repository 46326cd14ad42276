// @ts-check
// Sources with keys against ZITADEL's double: what is wrong, and whether the error names it.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import test, { after, beforeEach } from "node:test";
import {
  buildRevocationRequest,
  importKey,
  parseRevocationResponse,
  prepareAssertion,
  completeAssertion,
  tokenSource,
  zitadel as zitadelScopes,
} from "edge-credentials";
import { shiftClock } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { makePem } from "../support/keys/jwt.js";
import { startZitadel } from "../support/zitadel/server.js";

const USER = "317905284016374539";
const PEM = makePem("rsa", { modulusLength: 2048 }, "pkcs1");
const OTHER = makePem("rsa", { modulusLength: 2048 }, "pkcs1");
const FILE = { type: "serviceaccount", keyId: "k1", key: PEM, userId: USER };
const APPLICATION = {
  type: "application",
  keyId: "app",
  key: OTHER,
  appId: "1",
  clientId: "317905284016440075",
};

const zitadel = await startZitadel({
  keys: [{ keyId: "k1", publicKey: createPublicKey(PEM), userId: USER }],
  application: {
    clientId: APPLICATION.clientId,
    clientSecret: "s%cret+",
    keys: [{ keyId: "app", publicKey: createPublicKey(OTHER) }],
  },
});
after(zitadel.stop);
beforeEach(() => {
  zitadel.requests.length = 0;
});

const { issuer, tokenEndpoint } = zitadel;
const scope = ["openid", zitadelScopes.scopes.api()];
let count = 0;
/**
 * A source that no test had before.
 *
 * @param {object} change
 */
function fresh(change) {
  count += 1;
  return tokenSource({
    issuer,
    key: FILE,
    scope,
    params: { n: String(count) },
    allowedOrigins: [new URL(zitadel.apiUrl).origin],
    ...change,
  });
}
const tokenRequests = () =>
  zitadel.requests.filter(({ path }) => path === "/oauth/v2/token").length;

test("a service user's key file opens ZITADEL's API", async () => {
  for (const key of [FILE, JSON.stringify(FILE), () => FILE]) {
    const response = await fresh({ key }).fetch(zitadel.apiUrl);
    assert.equal(response.status, 200);
  }
});

const KEY_HINT =
  /^check the key, .* deleted or has expired; the clock; and the audience .* exactly their issuer/;
const CLOCK_HINT = /^set the clock of this machine: by the answer's `date` header it is off/;
const MASKED = "the server failed, as some do where they refuse an assertion (status 500)";
/** @type {[what: string, change: object, hint: RegExp, clock?: number][]} */
const refusedByServer = [
  ["the key of another user's", { key: { ...FILE, key: OTHER } }, KEY_HINT],
  ["a key that was deleted", { key: { ...FILE, keyId: "gone" } }, KEY_HINT],
  ["a user of another instance's", { key: { ...FILE, userId: "1" } }, KEY_HINT],
  ["a slash behind the audience", { tokenEndpoint, assertionAudience: `${issuer}/` }, KEY_HINT],
  ["the token endpoint as audience", { assertionAudience: tokenEndpoint }, KEY_HINT],
  ["a clock an hour ahead", {}, CLOCK_HINT, 3_600_000],
  ["a clock an hour behind", {}, CLOCK_HINT, -3_600_000],
  ["a clock a minute and a half ahead", {}, CLOCK_HINT, 90_000],
];
for (const [what, change, hint, clock = 0] of refusedByServer) {
  test(`refused, and tried once more: ${what}`, async (t) => {
    shiftClock(t, clock);
    count += 1;
    const options = Object.fromEntries(
      Object.entries({
        issuer,
        key: FILE,
        scope,
        params: { n: String(count) },
        ...change,
      }).filter(([, value]) => value !== undefined),
    );
    const error = await failure(tokenSource(/** @type {any} */ (options)).get, "server_failed");
    assert.equal(error.message, MASKED);
    assert.match(error.hint, hint);
    assert.deepEqual(
      [error.status, error.errorDescription, tokenRequests()],
      [500, "Errors.Internal", 2],
    );
  });
}

test("an issuer with a slash too many is told by discovery, with the value to paste", async () => {
  const error = await failure(fresh({ issuer: `${issuer}/` }).get, "issuer_mismatch");
  assert.ok(error.hint.includes(`\`${issuer}\``), error.hint);
  assert.equal(tokenRequests(), 0);
});

test("a key of the wrong type, and one that has expired, are told before anything is sent", async () => {
  assert.match(
    (await failure(() => fresh({ key: APPLICATION }), "option_invalid")).hint,
    /for the JWT profile make a key of the service user/,
  );
  assert.match(
    (await failure(() => fresh({ clientId: "me" }), "option_invalid")).hint,
    /JWT profile/,
  );
  assert.match(
    (
      await failure(
        () =>
          fresh({
            key:
              "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n-----END ENCRYPTED PRIVATE " +
              "KEY-----\n",
            userId: USER,
          }),
        "option_invalid",
      )
    ).hint,
    /^decrypt it/,
  );
  assert.match(
    (
      await failure(
        fresh({ key: { ...FILE, expirationDate: "2020-01-01T00:00:00Z" } }).get,
        "key_expired",
      )
    ).hint,
    /^make a new key in ZITADEL/,
  );
  assert.equal(tokenRequests(), 0);
});

test("a scope is wanted, as for a secret", async () => {
  assert.match((await failure(fresh({ scope: "" }).get, "scope_refused")).hint, /openid/);
});

test("the token is revoked by an application, with its key or its secret, and not by the service user", async () => {
  const revocationEndpoint = `${issuer}/oauth/v2/revoke`;
  /** @param {import("edge-credentials").RevocationRequestOptions} options */
  const revoke = async (options) => {
    const request = buildRevocationRequest(options);
    const response = await fetch(request.url, request);
    parseRevocationResponse(
      { status: response.status, headers: response.headers, body: await response.text() },
      { request },
    );
  };
  const key = await importKey(APPLICATION);
  const clientAssertion = async () => {
    const input = prepareAssertion({ key, audience: issuer });
    return completeAssertion(input, await key.sign(input));
  };
  const { clientId } = APPLICATION;
  for (const proof of [{ clientSecret: "s%cret+" }, { clientAssertion: await clientAssertion() }]) {
    const source = fresh({ scope: [...scope, zitadelScopes.scopes.audience(clientId)] });
    const { accessToken: token } = await source.get();
    assert.equal((await source.fetch(zitadel.apiUrl)).status, 200);
    await revoke(/** @type {any} */ ({ revocationEndpoint, token, clientId, ...proof }));
    assert.equal(zitadel.state.issued.filter((issued) => issued.token === token).length, 0);
  }
  await revoke({ revocationEndpoint, token: "unknown", clientId, clientSecret: "s%cret+" });
  const { clientId: login, clientSecret } = zitadel.state;
  await failure(() =>
    revoke({ revocationEndpoint, token: "unknown", clientId: login, clientSecret }),
  );
  await failure(() =>
    revoke({ revocationEndpoint, token: "unknown", clientId, clientSecret: "wrong" }),
  );
});
