// @ts-check
// The token source as its callers see it: one request for any number of them, a token always there, errors that come at once.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError } from "edge-credentials";
import { advance, ISSUER, jump, outcome, settle, START, watch, world } from "./source.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("1,000 concurrent cold callers make one token request", async (t) => {
  const { source, tokenRequests, events } = world(t);
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => source.get()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(tokens[0].accessToken, "token-1");
  assert.equal(tokenRequests().length, 1);
  assert.deepEqual(events, [{ type: "fetch", what: "token", startedAt: START, endedAt: START, attempts: 1, expiresAt: START + HOUR }]);
});

test("1,000 callers while it is time to refresh make one request, and nobody waits", async (t) => {
  const { source, it, tokenRequests, events } = world(t);
  await source.get();
  jump(HOUR - 4 * MINUTE);
  it.script.push({ delay: 2_000, body: { access_token: "next", token_type: "Bearer", expires_in: 3600 } });
  const callers = Array.from({ length: 1_000 }, () => watch(source.get()));
  await settle();
  assert.ok(callers.every(({ value }) => value?.accessToken === "token-1"));
  assert.equal(tokenRequests().length, 2);
  await advance(2_000);
  assert.equal((await source.get()).accessToken, "next");
  assert.deepEqual(events.map(({ type }) => type), ["fetch", "refresh"]);
  assert.equal(tokenRequests().length, 2);
});

test("1,000 callers after the end make one request", async (t) => {
  const { source, tokenRequests } = world(t);
  await source.get();
  jump(HOUR - 10_000);
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => source.authorization()));
  assert.deepEqual([...new Set(tokens)], ["Bearer token-2"]);
  assert.equal(tokenRequests().length, 2);
});

test("an abort ends the wait of its caller with the signal's reason, and nobody else's", async (t) => {
  const { source, it, tokenRequests } = world(t);
  it.script.push({ delay: 1_000, body: { access_token: "slow", token_type: "Bearer" } });
  const controller = new AbortController();
  const [a, b] = [watch(source.get({ signal: controller.signal })), watch(source.get())];
  await settle();
  controller.abort("enough");
  await settle();
  assert.deepEqual([a.done, a.error, b.done], [true, "enough", false]);
  await advance(1_000);
  assert.equal(b.value?.accessToken, "slow");
  assert.equal(tokenRequests().length, 1);
});

test("a signal that is aborted already rejects even where a token is kept", async (t) => {
  const { source } = world(t);
  await source.get();
  await assert.rejects(source.get({ signal: AbortSignal.abort(new RangeError("early")) }), RangeError);
  await assert.rejects(source.authorization({ signal: AbortSignal.abort(new RangeError("early")) }), RangeError);
});

test("a server that is down from the start: callers fail at once while it backs off, and recovery is noticed", async (t) => {
  const { source, it, requests, events } = world(t);
  it.always = { fails: true };
  const first = watch(source.get());
  await outcome(first);
  assert.deepEqual([first.error?.code, first.error?.class, first.error?.cause], ["network_failed", "unavailable", { name: "TypeError", code: "ECONNREFUSED" }]);
  assert.equal(requests.length, 3);

  const [early] = await rejections(source.get());
  assert.ok(early.retryAt > Date.now() && early.retryAt <= Date.now() + 1_000, String(early.retryAt - Date.now()));
  assert.ok(early !== first.error && early.retryable);
  assert.equal(requests.length, 3);

  it.always = undefined;
  jump(early.retryAt - Date.now());
  assert.equal((await source.get()).accessToken, "token-1");
  assert.deepEqual(events.map(({ type }) => type), ["retry", "retry", "fail", "fetch"]);
});

test("back-off doubles to a minute", async (t) => {
  const { source, it } = world(t);
  it.always = { status: 400, body: { error: "invalid_client" } };
  const pauses = [];
  for (let i = 0; i < 9; i += 1) {
    const [{ retryAt, class: whose }] = await rejections(source.get());
    assert.equal(whose, "denied");
    pauses.push((retryAt - Date.now()) / 1_000);
    jump(retryAt - Date.now());
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("a server that is down when it is time to refresh: callers keep the token to its end", async (t) => {
  const rejected = /** @type {unknown[]} */ ([]);
  const onRejection = (/** @type {unknown} */ reason) => rejected.push(reason);
  process.on("unhandledRejection", onRejection);
  t.after(() => process.off("unhandledRejection", onRejection));
  const { source, it, events } = world(t);
  await source.get();
  it.always = { fails: true };
  jump(HOUR - 4 * MINUTE);
  for (let second = 0; second < 230; second += 10) {
    assert.equal((await source.get()).accessToken, "token-1", `${second} s`);
    await advance(10_000);
  }
  jump(10_000);
  const late = watch(source.get());
  await outcome(late);
  assert.equal(late.error?.code, "network_failed");
  assert.ok(events.some(({ type }) => type === "fail"));
  await settle();
  assert.deepEqual(rejected, []);
});

test("a server that is down when the token is about to end: callers who come only now get it all the same, to its end", async (t) => {
  const { source, it, events } = world(t);
  await source.get();
  jump(HOUR - 10_000);
  it.always = { status: 500, body: "" };
  assert.equal((await source.get()).accessToken, "token-1");
  assert.equal(events.at(-1)?.type, "fail");
  jump(10_000);
  assert.equal((await rejections(source.get()))[0].code, "server_failed");
});

test("a rejection that does not count leaves the token for when the server is down", async (t) => {
  const { source, it } = world(t);
  it.expiresIn = 60;
  source.reject(await source.get());
  const second = await source.get();
  jump(55_000);
  source.reject(second);
  it.always = { status: 500, body: "" };
  for (let i = 0; i < 3; i += 1) {
    assert.equal(await source.get(), second);
    assert.equal(await source.authorization(), "Bearer token-2");
    jump(500);
  }
  jump(5_000);
  assert.equal((await rejections(source.get()))[0].code, "server_failed");
});

for (const [expiresIn, from, to] of /** @type {const} */ ([[1, 0.5, 0.9], [10, 6, 8], [60, 40, 50], [300, 200, 240], [43_200, 42_600, 42_900], [315_360_000, 315_359_000, 315_360_000], [undefined, 200, 240]])) {
  test(`a token of ${expiresIn ?? "unknown"} s is asked for again after ${from} to ${to} s`, async (t) => {
    const { source, it, tokenRequests } = world(t);
    it.expiresIn = expiresIn;
    await source.get();
    jump(from * 1_000);
    await source.get();
    assert.equal(tokenRequests().length, 1);
    jump((to - from) * 1_000);
    await source.get();
    await settle();
    assert.equal(tokenRequests().length, 2);
  });
}

test("a token of 0 s serves those who waited for it, and nobody loops", async (t) => {
  const { source, it, tokenRequests } = world(t);
  it.expiresIn = 0;
  const tokens = await Promise.all(Array.from({ length: 100 }, () => source.get()));
  assert.deepEqual([...new Set(tokens.map(({ accessToken }) => accessToken))], ["token-1"]);
  assert.equal(tokenRequests().length, 1);
  assert.equal((await source.get()).accessToken, "token-2");
  assert.equal(tokenRequests().length, 2);
});

test("a clock an hour forward makes one more request, an hour back keeps the token for a minute at most", async (t) => {
  const { source, tokenRequests } = world(t);
  await source.get();
  jump(2 * HOUR);
  assert.equal((await source.get()).accessToken, "token-2");
  jump(-3 * HOUR);
  assert.equal((await source.get()).accessToken, "token-2");
  await settle();
  assert.equal(tokenRequests().length, 3);
  assert.equal((await source.get()).accessToken, "token-3");
  jump(HOUR + MINUTE);
  assert.equal((await source.get()).accessToken, "token-4");
  assert.equal(tokenRequests().length, 4);
});

test("a clock back while the server is down: the token does not become eternal", async (t) => {
  const { source, it } = world(t);
  await source.get();
  jump(-HOUR);
  it.always = { status: 500, body: "" };
  assert.equal((await source.get()).accessToken, "token-1");
  jump(61_000);
  const [error] = await rejections(source.get());
  assert.equal(error.code, "server_failed");
});

test("a clock that stands still, and a server that hangs: the wait ends all the same", async (t) => {
  const { source, it, requests } = world(t, { timeout: 15_000 });
  it.always = { hangs: true };
  const caller = watch(source.get());
  for (let i = 0; i < 400 && !caller.done; i += 1) {
    await advance(50);
    jump(-50);
  }
  assert.equal(caller.error?.code, "timed_out");
  assert.ok(requests.length <= 3, `${requests.length} requests`);
});

test("timeout bounds a whole get, whatever the server does", async (t) => {
  const { source, it } = world(t, { timeout: 3_000 });
  it.always = { hangs: true };
  const caller = watch(source.get());
  await advance(2_900);
  assert.equal(caller.done, false);
  await advance(200);
  assert.deepEqual([caller.error?.code, caller.error?.class, caller.error?.message], ["timed_out", "unavailable", "waiting for the token took longer than 3 s"]);
});

test("timeout bounds a whole get though the clock jumps, and though it is longer than timers can be", async (t) => {
  const { source, it } = world(t, { timeout: 3_000 });
  it.always = { hangs: true };
  const caller = watch(source.get());
  for (let i = 0; i < 58; i += 1) {
    await advance(50);
    jump(12_000);
  }
  assert.equal(caller.done, false);
  await advance(200);
  assert.equal(caller.error?.code, "timed_out");

  const other = world(t, { timeout: 2 ** 33 });
  other.it.script.push({ delay: 1_000, body: { access_token: "slow", token_type: "Bearer" } });
  const patient = watch(other.source.get());
  await advance(1_100);
  assert.equal(patient.value?.accessToken, "slow");
});

test("a function `clientSecret` that asks its own source, or ends the wait, wedges nobody", async (t) => {
  let calls = 0;
  /** @type {ReturnType<typeof watch>} */
  let inner;
  const { source, tokenRequests } = world(t, {
    clientSecret() {
      if ((calls += 1) === 1) inner = watch(source.get());
      return "secret";
    },
  });
  const outer = watch(source.get());
  await advance(100);
  assert.equal(outer.value?.accessToken, "token-1");
  // @ts-expect-error it has been called
  assert.equal(inner.value, outer.value);
  assert.equal(tokenRequests().length, 1);

  const controller = new AbortController();
  const other = world(t, { clientSecret: () => (controller.abort("enough"), "secret") });
  const aborted = watch(other.source.get({ signal: controller.signal }));
  await advance(100);
  assert.equal(aborted.error, "enough");
});

test("a secret that comes too late is not sent, and does not replace a newer one", async (t) => {
  /** @type {((secret: string) => void)[]} */
  const give = [];
  const { source, tokenRequests } = world(t, { clientAuth: "client_secret_post", clientSecret: () => new Promise((done) => give.push(done)) });
  const caller = watch(source.get());
  await advance(11_500);
  assert.equal(give.length, 2, "the first attempt has ended, and another asks");
  give[1]("new");
  await settle();
  give[0]("old");
  await settle();
  assert.equal(caller.value?.accessToken, "token-1");
  jump(HOUR);
  await source.get();
  assert.deepEqual(tokenRequests().map(({ body }) => new URLSearchParams(body).get("client_secret")), ["new", "new"]);
});

test("a rejection starts no request of its own: whoever tells of it may be about to leave", async (t) => {
  const { source, tokenRequests } = world(t);
  source.reject(await source.get());
  await settle();
  assert.equal(tokenRequests().length, 1);
  assert.equal((await source.get()).accessToken, "token-2");
});

test("a signal given instead of options is not passed over", async (t) => {
  const { source } = world(t);
  for (const ask of [source.get, source.authorization]) {
    const [error] = await rejections(ask(/** @type {any} */ (AbortSignal.timeout(1))));
    assert.deepEqual([error.code, error.hint], ["option_invalid", "write `{ signal }`"]);
  }
});

test("an error that nobody catches shows its code and its hint in its stack", async (t) => {
  const { source, it } = world(t);
  it.always = { status: 401, body: { error: "invalid_client" } };
  const [{ name, message, code, hint, stack }] = await rejections(source.get());
  assert.ok(stack.startsWith(`${name}: ${message} (${code}): ${hint}\n    at `), stack);
});

test("options that are null are no options", async (t) => {
  const { source } = world(t);
  const none = /** @type {any} */ (null);
  for (let i = 0; i < 2; i += 1) {
    for (const [error] of [await rejections(source.get(none)), await rejections(source.authorization(none))]) assert.equal(error.code, "option_invalid");
    await source.get();
  }
});

test("429 ends the flight, and its Retry-After is kept", async (t) => {
  const { source, it, requests } = world(t);
  it.always = { status: 429, headers: { "retry-after": "30" }, body: "" };
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, error.retryAt - START], ["rate_limited", 30_000]);
  jump(29_000);
  assert.equal((await rejections(source.get()))[0].code, "rate_limited");
  assert.equal(requests.length, 1);
  it.always = undefined;
  jump(1_000);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("ZITADEL's Secret.NotExisting is retried for up to 3 s", async (t) => {
  const notYet = { status: 400, body: { error: "invalid_request", error_description: "Errors.User.Machine.Secret.NotExisting" } };
  const { source, it, events, tokenRequests } = world(t);
  it.script.push(notYet, notYet);
  const caller = watch(source.get());
  await advance(2_000);
  assert.equal(caller.value?.accessToken, "token-1");
  assert.deepEqual(events.map(({ type }) => type), ["retry", "retry", "fetch"]);

  const other = world(t);
  other.it.always = notYet;
  const failing = watch(other.source.get());
  await advance(3_500);
  assert.deepEqual([failing.error?.code, failing.error?.class], ["secret_not_ready", "denied"]);
  const times = other.tokenRequests().map(({ at }) => at - other.tokenRequests()[0].at);
  assert.ok(times.length >= 3 && times.length <= 7 && Number(times.at(-1)) <= 3_000, times.join());
  assert.equal(tokenRequests().length, 3);
});

test("a secret that is a function is asked again after a refusal, and a changed one is tried at once", async (t) => {
  const secrets = ["old", "new"];
  let asked = 0;
  const { source, it, tokenRequests } = world(t, {
    clientAuth: "client_secret_post",
    clientSecret: async () => {
      asked += 1;
      return secrets[0];
    },
  });
  await source.get();
  assert.equal(asked, 1);
  jump(HOUR);
  secrets.shift();
  it.script.push({ status: 401, body: { error: "invalid_client" } });
  const rotated = watch(source.get());
  await advance(50);
  assert.equal(rotated.value?.accessToken, "token-2");
  assert.deepEqual([asked, tokenRequests().length], [2, 3]);
  assert.deepEqual(tokenRequests().map(({ body }) => new URLSearchParams(body).get("client_secret")), ["old", "old", "new"]);

  jump(HOUR);
  it.script.push({ status: 401, body: { error: "invalid_client" } });
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, asked, tokenRequests().length], ["credentials_refused", 3, 4]);
});

test("a rejected token is replaced once; what replaced it is not rejected again for a minute", async (t) => {
  const { source, tokenRequests, events } = world(t);
  source.reject(await source.get());
  const second = await source.get();
  assert.equal(second.accessToken, "token-2");
  source.reject(second.accessToken);
  source.reject("another");
  assert.equal(await source.get(), second);
  assert.equal(tokenRequests().length, 2);
  assert.deepEqual(events.filter(({ type }) => type === "reject"), [{ type: "reject", what: "token", counted: true }, { type: "reject", what: "token", counted: false }]);
});

test("the issuer alone is enough: discovery once, and the method of authentication by it", async (t) => {
  for (const [methods, expected] of /** @type {const} */ ([[undefined, "basic"], [["client_secret_basic", "client_secret_post"], "basic"], [["client_secret_post"], "post"]])) {
    const { it, source, requests } = discovering(t);
    it.script.push({ body: { issuer: ISSUER, token_endpoint: `${ISSUER}/token`, token_endpoint_auth_methods_supported: methods } });
    await source.get();
    jump(HOUR);
    await source.get();
    assert.deepEqual(requests.map(({ path }) => path), ["/.well-known/openid-configuration", "/token", "/token"]);
    assert.equal(requests[1].headers.has("authorization") ? "basic" : "post", expected);
  }
});

test("metadata are asked for again after half a day, by RFC 8414's path where the other is not there", async (t) => {
  const { it, source, requests } = discovering(t);
  const found = { body: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` } };
  it.script.push({ status: 404, body: "" }, found);
  await source.get();
  assert.deepEqual(requests.map(({ path }) => path), ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/token"]);
  jump(12 * HOUR);
  await source.get();
  assert.deepEqual(requests.slice(3).map(({ path }) => path), ["/.well-known/openid-configuration", "/token"]);
});

test("a failed discovery is an error, and forgotten after its back-off", async (t) => {
  const { it, source, requests } = discovering(t);
  it.script.push({ body: { issuer: "https://other.example" } });
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, error.class], ["issuer_mismatch", "misuse"]);
  assert.equal(requests.length, 1);
  jump(error.retryAt - Date.now());
  assert.equal((await source.get()).accessToken, "token-1");
});

test("a server that takes no client secret, or has no token endpoint", async (t) => {
  const { it, source } = discovering(t);
  it.script.push({ body: { issuer: ISSUER, token_endpoint: `${ISSUER}/token`, token_endpoint_auth_methods_supported: ["private_key_jwt"] } });
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, error.hint], ["client_auth_unsupported", "it takes private_key_jwt; if that is wrong, set `clientAuth`"]);

  const other = discovering(t);
  other.it.script.push({ body: { issuer: ISSUER } });
  assert.equal((await rejections(other.source.get()))[0].code, "member_missing");
});

test("an answer that is too large is not read to its end", async (t) => {
  let pulled = 0;
  const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array((pulled += 1) && 16_384).fill(32)) });
  const { source } = world(t, { fetch: async () => new Response(endless(), { headers: { "content-type": "application/json" } }) });
  assert.equal((await rejections(source.get()))[0].code, "response_too_large");
  assert.ok(pulled < 10, `${pulled} chunks`);
});

test("a body that trickles is let go when its time is up, one of empty chunks before", async (t) => {
  let pulled = 0;
  let cancelled = false;
  const trickle = new ReadableStream({
    pull: (controller) => new Promise((done) => setTimeout(() => done(cancelled ? undefined : controller.enqueue(new Uint8Array([32]))), 1_000)),
    cancel: () => void (cancelled = true),
  });
  const headers = { "content-type": "application/json" };
  const { source } = world(t, { fetch: async () => new Response(trickle, { headers }), timeout: 10_500 });
  const caller = watch(source.get());
  await advance(11_000);
  assert.deepEqual([caller.error?.code, cancelled], ["timed_out", true]);

  const empty = { pull: (/** @type {ReadableStreamDefaultController} */ controller) => controller.enqueue(new Uint8Array(Number((pulled += 1) < 0))) };
  const other = world(t, { fetch: async () => new Response(new ReadableStream(empty), { headers }) });
  assert.equal((await rejections(other.source.get()))[0].code, "response_too_large");
});

/** @param {import("node:test").TestContext} t */
function discovering(t) {
  return world(t, { issuer: ISSUER });
}

/** The error of each. @param {Promise<unknown>[]} promises @returns {Promise<any[]>} */
async function rejections(...promises) {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    assert.equal(result.status, "rejected");
    assert.ok(result.reason instanceof AuthError, String(result.reason));
    return result.reason;
  });
}
