// @ts-check
// Callers that give up, and processes that were frozen: nothing goes on that nobody waits for, and
// time in which the process did not run does not count.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test, { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { root } from "../../../scripts/run.js";
import { advance, countTimers, freeze, settle } from "../support/clock.js";
import { sourceFixture } from "../support/fixtures/token-source.js";
import { verifierFixture } from "../support/fixtures/token-verifier.js";
import { close, listen } from "../support/http/listen.js";
import { outcome, watch } from "../support/promises.js";

const HOUR = 3_600_000;

/** @param {import("node:test").TestContext} t */
function silentFixture(t, options = {}) {
  const signals = /** @type {AbortSignal[]} */ ([]);
  const fixture = sourceFixture(t, {
    fetch(url, init) {
      signals.push(/** @type {AbortSignal} */ (init.signal));
      return fixture.server.fetch(url, init);
    },
    ...options,
  });
  fixture.server.always = { hangs: true };
  return { ...fixture, signals };
}

for (const [name, options] of /** @type {[string, object][]} */ ([
  ["the token endpoint", {}],
  ["the issuer", { issuer: "https://idp.example" }],
])) {
  test(`${name} is silent: when the last caller gives up, the request is aborted`, async (t) => {
    const { source, server, signals, events } = silentFixture(t, options);
    const controllers = [new AbortController(), new AbortController()];
    const callers = controllers.map(({ signal }) => watch(source.get({ signal })));
    await settle();
    controllers[0].abort("one");
    await settle();
    assert.equal(signals[0].aborted, false, "another one waits");
    controllers[1].abort("two");
    await settle();
    assert.deepEqual(
      callers.map(({ error }) => error),
      ["one", "two"],
    );
    assert.deepEqual([signals.length, signals[0].aborted, countTimers()], [1, true, 0]);

    server.always = undefined;
    assert.equal((await source.get()).accessToken, "token-1", "at once: nothing is known of it");
    assert.ok(events.every(({ type }) => type === "fetch"));
  });
}

test("a caller whose time is up gives up too", async (t) => {
  const { source, signals } = silentFixture(t, { timeout: 300 });
  const caller = watch(source.get());
  await advance(300);
  assert.deepEqual([caller.error?.code, signals[0].aborted], ["timed_out", true]);
  assert.equal(countTimers(), 0);
});

test("between two attempts there is nothing to abort, and no other follows", async (t) => {
  const { source, server, requests } = silentFixture(t, { timeout: 100 });
  server.always = { fails: true };
  const caller = watch(source.get());
  await advance(30_000);
  assert.deepEqual([caller.error?.code, requests.length], ["timed_out", 1]);
});

test("what `waitUntil` has goes on, and its token is there for the next", async (t) => {
  const { source, server, signals, tokenRequests } = silentFixture(t, { timeout: 300 });
  server.always = {
    delay: 1_000,
    body: { access_token: "late", token_type: "Bearer", expires_in: 3600 },
  };
  const symbol = Symbol.for("@vercel/request-context");
  Reflect.set(globalThis, symbol, { get: () => ({ waitUntil() {} }) });
  t.after(() => Reflect.deleteProperty(globalThis, symbol));
  const caller = watch(source.get());
  await advance(1_000);
  assert.deepEqual([caller.error?.code, signals[0].aborted], ["timed_out", false]);
  assert.equal((await source.get()).accessToken, "late");
  assert.equal(tokenRequests().length, 1);
});

test("a verifier's keys: the same", async (t) => {
  const { verifier, server } = verifierFixture(t, { timeout: 300 });
  server.always = { hangs: true };
  const caller = watch(verifier.verify(server.jwt()));
  await advance(400);
  assert.equal(caller.error?.code, "timed_out");
  assert.equal(countTimers(), 0);
  server.always = undefined;
  const next = watch(verifier.verify(server.jwt()));
  await outcome(next);
  assert.ok(next.value);
});

test("after a freeze the first call makes a request, and nobody hears of the one before", async (t) => {
  const { source, server, events, tokenRequests } = sourceFixture(t);
  await source.get();
  server.always = { hangs: true };
  await advance(HOUR - 200_000);
  assert.equal((await source.get()).accessToken, "token-1", "and a refresh begins");
  await settle();
  freeze(HOUR);
  server.always = undefined;
  assert.equal((await source.get()).accessToken, "token-2");
  await advance(20_000);
  assert.equal(tokenRequests().length, 3);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["fetch", "fetch"],
  );
});

test("a connection that broke during the freeze is no failure either", async (t) => {
  /** @type {(error: Error) => void} */
  let breakIt = () => {};
  let isFirst = true;
  const { source, server } = sourceFixture(t, {
    async fetch(url, init) {
      if (!isFirst) return server.fetch(url, init);
      isFirst = false;
      return new Promise((_, reject) => {
        breakIt = reject;
      });
    },
  });
  const caller = watch(source.get());
  await settle();
  freeze(60_000);
  breakIt(new TypeError("fetch failed"));
  await settle();
  assert.equal(caller.value?.accessToken, "token-1", "who waited before has it too");
  assert.equal((await source.get()).accessToken, "token-1");
});

test("a freeze counts for no caller: who has 5 s has them after it", async (t) => {
  const { source, server } = sourceFixture(t, { timeout: 5_000 });
  server.always = { hangs: true };
  const caller = watch(source.get());
  await advance(1_000);
  freeze(60_000);
  await settle();
  assert.equal(caller.done, false);
  await advance(2_900);
  assert.equal(caller.done, false);
  await advance(1_200);
  assert.equal(caller.error?.code, "timed_out");
});

// What follows takes real time.

const silent = createServer(() => {});
const { origin } = await listen(silent);
after(() => close(silent));

/** @param {string} code */
function startNode(code) {
  const program = `import { tokenSource } from "edge-credentials";
    const options = { tokenEndpoint: "${origin}/token", clientId: "a", clientSecret: "b" };
    ${code}`;
  return execa(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: root,
    reject: false,
    timeout: 60_000,
  });
}

test("Node exits as soon as its only caller has given up", async () => {
  const startedAt = performance.now();
  const { stdout, exitCode } = await startNode(`
    const error = await tokenSource(options).get({ signal: AbortSignal.timeout(300) }).catch((e) => e);
    console.log(error.name);`);
  const elapsed = performance.now() - startedAt;
  assert.deepEqual([stdout, exitCode], ["TimeoutError", 0]);
  assert.ok(elapsed < 5_000, `it took ${elapsed} ms`);
});

test("and no sooner: who waits keeps the process alive, between attempts too", async () => {
  const { stdout, exitCode } = await startNode(`
    const fetch = async () => { throw new TypeError("fetch failed"); };
    const error = await tokenSource({ ...options, fetch }).get().catch((e) => e);
    console.log(error.code);`);
  assert.deepEqual([stdout, exitCode], ["network_failed", 0]);
});

test("a process that is stopped for longer than an attempt, and goes on", async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    if (requests === 1) return;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: "token", token_type: "Bearer" }));
  });
  const own = await listen(server);
  after(() => close(server));
  const child = startNode(`
    options.tokenEndpoint = "${own.origin}/token";
    const source = tokenSource(options);
    const first = source.get({ signal: AbortSignal.timeout(60_000) }).catch((e) => e.code);
    await new Promise((done) => setTimeout(done, 2_000));
    console.log((await source.get().catch((error) => error)).accessToken);
    console.log((await first).accessToken);`);
  while (requests === 0) await Promise.race([once(server, "request"), wait(50)]);
  child.kill("SIGSTOP");
  await wait(12_500);
  child.kill("SIGCONT");
  const { stdout, exitCode, stderr } = await child;
  assert.deepEqual([stdout, exitCode, requests], ["token\ntoken", 0, 2], stderr);
});
