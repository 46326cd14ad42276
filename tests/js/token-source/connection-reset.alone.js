// @ts-check
// The client whose request started a flight goes away in the midst of it, in the real workerd: the
// runtime cancels that request's I/O, and its promises never settle. Nobody else may notice, with
// `waitUntil` and without.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  ask,
  assertRuntime,
  json,
  LEASE,
  millis,
  scene as startScene,
  SLACK,
  SLOW,
  SOON,
  startWorkers,
  TIMEOUT,
} from "../support/reset/connection-reset.js";
import { until } from "../support/until.js";

const ROUNDS = 100;

const workers = await startWorkers(new URL("reset-worker.js", import.meta.url));

describe("a client resets its connection in the midst of a flight", { concurrency: true }, () => {
  for (const { name, waits, ...worker } of workers) {
    /** Those who waited get their token when the server answers, or when the lease ends. */
    const most = waits ? SLOW + SLACK : LEASE + SLACK;

    test(`${name}: the runtime is the one that the name says`, () => assertRuntime(worker, waits));

    test(`${name}: asked in the global scope, and then in requests`, async () => {
      const { zitadel, url } = worker;
      await sameToken([ask(`${url}/?n=early`), ask(`${url}/?n=early`)], SLACK);
      const { name, code, category } = json(await ask(`${url}/early`)).early;
      assert.deepEqual(
        { name, code, category },
        { name: "AuthError", code: "io_forbidden", category: "misuse" },
      );
      assert.deepEqual(zitadel.requests.map(({ path }) => path).sort(), [
        "/io",
        "/io",
        "/oauth/v2/token",
      ]);
    });

    test(`${name}: the trap is real: a shared promise wedges the isolate`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      script({ delay: SLOW, body: "token" });
      const leader = lead("/trap");
      await arrived("trap");
      const waiter = ask("/trap", SLACK);
      await wait(SOON);
      leader.reset();
      assert.equal(await waiter, "no answer");
      assert.equal(await ask("/trap", SLACK), "no answer");
      assert.equal(tokenRequests(), 1);
    });

    test(`${name}: a slow server`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      script(slow("slow-token"));
      const leader = lead("/?n=1");
      await arrived(1);
      const waiters = Array.from({ length: 5 }, () => ask("/?n=1"));
      await wait(SOON);
      leader.reset();
      const token = await sameToken(waiters, most);
      assert.equal(token === "slow-token", waits);
      assert.equal(await sameToken([ask("/?n=1")], SLACK), token);
      assert.equal(tokenRequests(), waits ? 1 : 2);
      await sameToken([ask("/?n=2")], SLACK);
    });

    test(`${name}: everybody goes away, and then somebody comes`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      script(slow("slow-token"));
      const clients = [lead("/?n=1")];
      await arrived(1);
      clients.push(lead("/?n=1"), lead("/?n=1"));
      await wait(SOON);
      for (const client of clients) client.reset();
      await wait(SOON);
      await sameToken([ask("/?n=1"), ask("/?n=1")], most);
      assert.equal(tokenRequests(), waits ? 1 : 2);
    });

    test(`${name}: one of those who wait goes away`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      script(slow("slow-token"));
      const leader = ask("/?n=1");
      await arrived(1);
      const leaver = lead("/?n=1");
      const waiter = ask("/?n=1");
      await wait(SOON);
      leaver.reset();
      assert.equal(await sameToken([leader, waiter], SLOW + SLACK), "slow-token");
      assert.equal(tokenRequests(), 1);
    });

    test(`${name}: a server that never answers this request`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      script({ hang: true });
      const leader = lead("/?n=1");
      await arrived(1);
      const waiters = Array.from({ length: 5 }, () => ask("/?n=1"));
      await wait(SOON);
      leader.reset();
      const token = await sameToken(waiters, LEASE + SLACK);
      assert.equal(await sameToken([ask("/?n=1")], SLACK), token);
      assert.equal(tokenRequests(), 2);
      await sameToken([ask("/?n=2")], SLACK);
    });

    test(`${name}: a server that answers nobody, and then everybody`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      /** @type {import("../support/zitadel/server.js").Scripted} */
      const silence = { hang: true };
      script(...Array(10).fill(silence));
      const leader = lead("/?n=1");
      await arrived(1);
      const waiters = Array.from({ length: 3 }, () => ask("/?n=1"));
      await wait(SOON);
      leader.reset();
      for (const asked of await Promise.all(waiters)) {
        const { code, category, io } = json(asked, 503);
        assert.deepEqual(
          { code, category, io },
          { code: "timed_out", category: "unavailable", io: 404 },
        );
        assert.ok(millis(asked) < TIMEOUT + SLACK, `${millis(asked)} ms`);
      }
      const sent = tokenRequests();
      assert.ok(sent >= 2 && sent <= 3, `${sent} token requests`);

      silence.path = "/no-more";
      await sameToken([ask("/?n=2")], SLACK);
      const first = await ask("/?n=1");
      assert.ok(millis(first) < LEASE + SLACK, `${millis(first)} ms`);
      if (first !== "no answer" && first.status === 503) {
        const { code, retryAt } = first.json;
        assert.equal(code, "timed_out");
        await wait(retryAt - Date.now() + 1);
      }
      await sameToken([ask("/?n=1")], SLACK);
    });

    test(`${name}: in the midst of discovery`, async (t) => {
      const { zitadel, script, lead, ask, discovering, tokenRequests } = await scene(t, worker);
      const { issuer, tokenEndpoint } = zitadel;
      script({
        path: "/.well-known/openid-configuration",
        delay: SLOW,
        body: { issuer, token_endpoint: tokenEndpoint },
      });
      const leader = lead("/?n=1&discover");
      await discovering();
      const waiters = Array.from({ length: 5 }, () => ask("/?n=1&discover"));
      await wait(SOON);
      leader.reset();
      await sameToken(waiters, most);
      assert.equal(tokenRequests(), 1);
    });

    test(`${name}: a refresh in the background outlives the request that started it, or is replaced`, async (t) => {
      const { script, ask, tokenRequests } = await scene(t, worker);
      script({ ...slow("first", 20), delay: 0 }, slow("second"));
      assert.equal(await sameToken([ask("/?n=1")], SLACK), "first");
      // It is used for 18 s, and refreshed by whoever comes after 16 s.
      await wait(16_050);
      assert.equal(await sameToken([ask("/?n=1")], SLACK), "first");
      await wait(2_200);
      const token = await sameToken([ask("/?n=1"), ask("/?n=1")], waits ? SLACK : LEASE + SLACK);
      assert.equal(token === "second", waits);
      assert.equal(tokenRequests(), waits ? 2 : 3);
    });

    test(`${name}: ${ROUNDS} sources at once, each with a request that is never answered`, async (t) => {
      const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
      script(...Array.from({ length: ROUNDS }, () => ({ hang: true })));
      const rounds = Array.from({ length: ROUNDS }, (_, n) => ({ n, leader: lead(`/?n=${n}`) }));
      // Each by itself: on a busy machine the last request comes when the first lease has ended.
      await Promise.all(
        rounds.map(async ({ n, leader }) => {
          await arrived(n);
          const waiters = [ask(`/?n=${n}`), ask(`/?n=${n}`)];
          await wait(SLOW);
          leader.reset();
          await sameToken(waiters, LEASE + SLACK);
        }),
      );
      for (const { n } of rounds) assert.equal(tokenRequests(n), 2);
      await sameToken([ask("/?n=later")], SLACK);
    });

    // Without `waitUntil` every round would take as long as the lease.
    if (waits)
      test(`${name}: one source, ${ROUNDS} times in a row`, async (t) => {
        const { script, lead, ask, arrived, tokenRequests } = await scene(t, worker);
        for (let round = 1; round <= ROUNDS; round++) {
          let answer = () => {};
          /** @type {Promise<void>} */
          const answered = new Promise((done) => {
            answer = done;
          });
          // Spent when it comes: those who wait for it get it, and the next round needs another.
          script({ ...slow(`token-${round}`, 0), delay: 0, until: answered });
          const leader = lead("/?n=1");
          await arrived(1, round);
          const waiters = [ask("/?n=1"), ask("/?n=1")];
          while (json(await ask("/count?n=1")).count < 3 * round) await wait(2);
          leader.reset();
          await wait(20);
          answer();
          assert.equal(await sameToken(waiters, SLACK), `token-${round}`);
          assert.equal(tokenRequests(), round);
        }
        await sameToken([ask("/?n=2")], SLACK);
      });
  }
});

for (const { name, logged } of workers) {
  test(`${name}: nothing of ours is logged`, () => assert.equal(logged(), ""));
}

/**
 * @type {(
 *   ...given: Parameters<typeof startScene>
 * ) => Promise<Awaited<ReturnType<typeof startScene>> & ReturnType<typeof counting>>}
 */
async function scene(...given) {
  const started = await startScene(...given);
  return { ...started, ...counting(started.zitadel.requests) };
}

/** @param {import("../support/zitadel/rules.js").Recorded[]} requests */
function counting(requests) {
  /**
   * How many token requests there were, of one source or of all.
   *
   * @param {string | number} [n]
   */
  const tokenRequests = (n) =>
    requests.filter(
      ({ path, body }) =>
        path === "/oauth/v2/token" &&
        (n === undefined || new URLSearchParams(body).get("n") === String(n)),
    ).length;
  return {
    tokenRequests,
    /**
     * Until so many requests of one source have come.
     *
     * @param {string | number} n
     * @param {number} [count]
     */
    arrived: (n, count = 1) =>
      until(() => tokenRequests(n) >= count, `${count} token requests of source ${n}`),
    /** Until the server was asked for its metadata. */
    discovering: () =>
      until(
        () => requests.some(({ path }) => path.startsWith("/.well-known/")),
        "a request for metadata",
      ),
  };
}

/**
 * @type {(
 *   accessToken: string,
 *   seconds?: number,
 * ) => import("../support/zitadel/server.js").Scripted}
 */
function slow(accessToken, seconds = 3_600) {
  return {
    delay: SLOW,
    body: { access_token: accessToken, token_type: "Bearer", expires_in: seconds },
  };
}

/**
 * @type {(
 *   asking: Promise<import("../support/reset/connection-reset.js").Asked>[],
 *   most: number,
 * ) => Promise<string>} the
 *   token that all of them get in time
 */
async function sameToken(asking, most) {
  const tokens = new Set();
  for (const asked of await Promise.all(asking)) {
    const { accessToken, io } = json(asked);
    assert.equal(io, 404);
    assert.ok(millis(asked) < most, `${millis(asked)} ms`);
    tokens.add(accessToken);
  }
  assert.equal(tokens.size, 1);
  return tokens.values().next().value;
}
