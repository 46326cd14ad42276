// @ts-check
// Keys that change under the same name: a bad signature has the issuer asked again, at once and
// then ever more seldom.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle, takeTime } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { outcome, settled, watch } from "../../support/promises.js";
import { importSources } from "../../support/core/sources.js";
import { claimsOf, verifierFixture } from "../../support/fixtures/token-verifier.js";

const [{ keyRotation }] = await importSources("pkg/src/token-verifier/key-rotation.ts");

const MINUTE = 60_000;

/**
 * The issuer puts another key in the place of its own.
 *
 * @param {ReturnType<typeof verifierFixture>["server"]} server
 */
function replaceKey(server) {
  server.key = makeKey("ES256", server.key.kid);
  server.keys = { keys: [server.key.jwk] };
}

test("a key with another value and the same name: its tokens are good at once, and the old ones no more", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const old = server.jwt();
  await settled(verifier.verify(old));
  replaceKey(server);
  const waiting = Array.from({ length: 20 }, (_, n) =>
    watch(verifier.verify(server.jwt({ jti: `${n}` }))),
  );
  for (const one of waiting) await outcome(one);
  assert.deepEqual(
    waiting.map(({ value }) => value?.jti),
    waiting.map((_, n) => `${n}`),
  );
  assert.equal(server.keyRequests(), 2);
  await fails(() => verifier.verify(old), "token_invalid");
});

test("who comes while the issuer is asked waits for the same answer, and good tokens wait for nothing", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const [first, second] = [server.key, makeKey()];
  server.keys = { keys: [first.jwk, second.jwk] };
  await settled(verifier.verify(server.jwt()));
  replaceKey(server);
  server.keys = { keys: [server.key.jwk, second.jwk] };
  server.script["/oauth/v2/keys"] = [{ body: server.keys, delay: 1_000 }];
  const one = watch(verifier.verify(server.jwt({ jti: "1" })));
  await settle();
  const two = watch(verifier.verify(server.jwt({ jti: "2" })));
  assert.ok(await verifier.verify(jwt(second, claimsOf())));
  await advance(1_000);
  assert.deepEqual([one.value?.jti, two.value?.jti, server.keyRequests()], ["1", "2", 2]);
});

test("forged tokens under a known name have the issuer asked ever more seldom, an hour apart at last", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  // So that no other reason has it asked.
  server.cacheControl = "max-age=86400";
  await settled(verifier.verify(server.jwt()));
  const forged = () => verifier.verify(jwt(makeKey("ES256", server.key.kid), claimsOf()));
  for (let n = 0; n < 60 * 4; n += 1) {
    await fails(forged, "token_invalid");
    await fails(forged, "token_invalid");
    await advance(MINUTE);
  }
  const asked = requests.filter(({ path }) => path.endsWith("/keys")).map(({ at }) => at);
  const pauses = asked.slice(2).map((at, n) => Math.round((at - asked[n + 1]) / MINUTE));
  // 1, 2, 4 … minutes, rounded up to the next forged token.
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60].slice(0, pauses.length));
  assert.ok(pauses.length >= 6, String(pauses));
});

test("an issuer that changed its key has the pause begin anew", async (t) => {
  const { server, verifier } = verifierFixture(t);
  server.cacheControl = "max-age=86400";
  await settled(verifier.verify(server.jwt()));
  const forged = () => verifier.verify(jwt(makeKey("ES256", server.key.kid), claimsOf()));
  for (let n = 0; n < 4; n += 1) {
    await fails(forged, "token_invalid");
    await advance(10 * MINUTE);
  }
  replaceKey(server);
  assert.ok(await settled(verifier.verify(server.jwt())));
  await advance(MINUTE);
  replaceKey(server);
  assert.ok(await settled(verifier.verify(server.jwt())));
});

test("a token that its own claims would refuse has nobody asked; the signature is told", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await settled(verifier.verify(server.jwt()));
  for (const changes of [{ exp: 1 }, { iss: "https://b.example" }, { aud: "other" }]) {
    const token = jwt(makeKey("ES256", server.key.kid), claimsOf(changes));
    const { message } = await fails(() => verifier.verify(token), "token_invalid");
    assert.equal(message, "the token's signature is not of the issuer's key");
  }
  assert.equal(server.keyRequests(), 1);
});

test("an issuer that is down while it is asked: the bad signature is refused, good tokens go on", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const good = server.jwt();
  await settled(verifier.verify(good));
  server.always = { fails: true };
  const forged = jwt(makeKey("ES256", server.key.kid), claimsOf());
  await fails(() => verifier.verify(forged), "token_invalid");
  assert.ok(await settled(verifier.verify(good)));
});

test("a caller that is cancelled while it asks ends no pause for good", async (t) => {
  takeTime(t);
  let requests = 0;
  const set = () => ({ texts: new Set(["key"]) });
  const keys = {
    current: set,
    // As a runtime cancels a request: the first one never goes on.
    newer: () => {
      requests += 1;
      return requests === 1 ? new Promise(() => {}) : Promise.resolve({ value: set() });
    },
  };
  const rotation = keyRotation(/** @type {any} */ (keys));
  rotation.newerKeys(/** @type {any} */ (set()), 20_000, undefined);
  for (let n = 0; n < 240; n += 1) {
    await advance(MINUTE / 4);
    const used = /** @type {any} */ (set());
    if (rotation.mayAsk(used)) await rotation.newerKeys(used, 20_000, undefined);
  }
  assert.ok(requests > 3 && requests <= 10, `${requests} in an hour`);
});

test("a clock that jumps neither wedges a rotation nor has the issuer asked without end", async (t) => {
  const { server, verifier } = verifierFixture(t);
  server.cacheControl = "max-age=86400";
  await settled(verifier.verify(server.jwt()));
  const forged = () => verifier.verify(jwt(makeKey("ES256", server.key.kid), claimsOf()));
  await fails(forged, "token_invalid");
  jump(-20 * MINUTE);
  for (let n = 0; n < 50; n += 1) await fails(forged);
  assert.ok(server.keyRequests() <= 4, String(server.keyRequests()));
  await advance(5 * MINUTE);
  replaceKey(server);
  assert.ok(await settled(verifier.verify(server.jwt())));
});

test("more than eight keys and no `kid`: the error says that only eight are tried", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const keys = Array.from({ length: 9 }, () => makeKey());
  server.keys = { keys: keys.map(({ jwk }) => jwk) };
  const nameless = { alg: "ES256", typ: "JWT" };
  assert.ok(await settled(verifier.verify(jwt(keys[7], claimsOf(), nameless))));
  const ninth = jwt(keys[8], claimsOf(), nameless);
  const { message, hint } = await fails(() => verifier.verify(ninth), "token_invalid");
  assert.equal(message, "the token names no key, and none of the first eight that fit signed it");
  assert.match(hint, /`kid`/);
  // By its name it is found.
  assert.ok(await settled(verifier.verify(jwt(keys[8], claimsOf()))));

  server.keys = { keys: keys.slice(0, 8).map(({ jwk }) => jwk) };
  await advance(10 * MINUTE);
  const eighth = await fails(() => verifier.verify(jwt(makeKey(), claimsOf(), nameless)));
  assert.equal(eighth.message, "the token's signature is not of the issuer's key");
});
