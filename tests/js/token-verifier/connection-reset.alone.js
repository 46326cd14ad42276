// @ts-check
// As in token-source/connection-reset.alone.js, but what the client's request started is a flight of
// a verifier's: for the keys, for the metadata, for what the server says of a token.
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
import { answerKeys, issueToken, makeSigningKey } from "../support/zitadel/tokens.js";

const KEYS = "/oauth/v2/keys";
const INTROSPECTION = "/oauth/v2/introspect";
const METADATA = "/.well-known/openid-configuration";
/**
 * How many unknown tokens are asked about at once, and after how long one whose request was
 * cancelled does not count (`token-verifier/introspection-cache.js`).
 */
const SLOTS = 32;
const CANCELLED = 12_000;
/**
 * How long after they were asked for the keys are not asked for again because of an unknown one
 * (src/lifecycle).
 */
const COOLDOWN = 30_000;
const VERIFIERS = 40;

/** @typedef {import("../support/zitadel/server.js").Scripted} Scripted */
/** @typedef {import("../support/zitadel/tokens.js").Issued} Issued */
/** @typedef {{ path: string; shape: "jwt" | "opaque"; isOfOneToken: boolean }} Kind of flight */

/** @type {Record<string, Kind>} */
const KINDS = {
  "the keys": { path: KEYS, shape: "jwt", isOfOneToken: false },
  "an introspection": { path: INTROSPECTION, shape: "opaque", isOfOneToken: true },
};

const workers = await startWorkers(new URL("reset-worker.js", import.meta.url));

describe(
  "a client resets its connection in the midst of a verifier's flight",
  { concurrency: true },
  () => {
    for (const { name, waits, ...worker } of workers) {
      /** Those who waited get their answer when the server answers, or when the lease ends. */
      const most = waits ? SLOW + SLACK : LEASE + SLACK;

      test(`${name}: the runtime is the one that the name says`, () =>
        assertRuntime(worker, waits));

      test(`${name}: asked in the global scope, and then in requests`, async () => {
        const { zitadel, url } = worker;
        const { name, code, category } = json(await ask(`${url}/early`)).early;
        assert.deepEqual(
          { name, code, category },
          { name: "AuthError", code: "io_forbidden", category: "misuse" },
        );
        assert.equal(json(await ask(`${url}/?n=early&token=early`), 401).code, "token_inactive");
        assert.deepEqual(zitadel.requests.map(({ path }) => path).sort(), ["/io", INTROSPECTION]);
      });

      for (const [what, { path, shape, isOfOneToken }] of Object.entries(KINDS)) {
        /**
         * Tokens whose checks wait for the same flight.
         *
         * @type {(issue: (shape: "jwt" | "opaque") => Issued, count: number) => Issued[]}
         */
        const together = (issue, count) => {
          const one = issue(shape);
          return Array.from({ length: count }, () => (isOfOneToken ? one : issue(shape)));
        };

        test(`${name}: ${what}: a slow server`, async (t) => {
          const { script, lead, verified, issue, late, requests } = await scene(t, worker);
          const [first, ...others] = together(issue, 6);
          script(late(path, first));
          const leader = lead(first);
          await requests.arrived(path);
          const waiting = verified(others, most);
          await wait(SOON);
          leader.reset();
          // What needs no answer to come goes on meanwhile.
          await verified([issue(shape === "jwt" ? "opaque" : "jwt")], SLACK);
          await waiting;
          const sent = requests.of(path);
          assert.equal(sent, waits ? 1 : 2);
          await verified([first, ...others], SLACK);
          assert.equal(requests.of(path), sent);
        });

        test(`${name}: ${what}: everybody goes away, and then somebody comes`, async (t) => {
          const { script, lead, verified, issue, late, requests } = await scene(t, worker);
          const [first, ...others] = together(issue, 4);
          script(late(path, first));
          const clients = [lead(first)];
          await requests.arrived(path);
          clients.push(...others.slice(1).map((one) => lead(one)));
          await wait(SOON);
          for (const client of clients) client.reset();
          await wait(SOON);
          await verified([first, others[0]], most);
          assert.equal(requests.of(path), waits ? 1 : 2);
        });

        test(`${name}: ${what}: one of those who wait goes away`, async (t) => {
          const { script, lead, verified, issue, late, requests } = await scene(t, worker);
          const [first, leaving, other] = together(issue, 3);
          script(late(path, first));
          const waiting = [verified([first], SLOW + SLACK)];
          await requests.arrived(path);
          const leaver = lead(leaving);
          waiting.push(verified([other], SLOW + SLACK));
          await wait(SOON);
          leaver.reset();
          await Promise.all(waiting);
          assert.equal(requests.of(path), 1);
        });

        test(`${name}: ${what}: a server that never answers this request`, async (t) => {
          const { script, lead, verified, issue, requests } = await scene(t, worker);
          const [first, ...others] = together(issue, 6);
          script({ path, hang: true });
          const leader = lead(first);
          await requests.arrived(path);
          const waiting = verified(others, LEASE + SLACK);
          await wait(SOON);
          leader.reset();
          await waiting;
          await verified([first], SLACK);
          assert.equal(requests.of(path), 2);
        });

        test(`${name}: ${what}: a server that answers nobody, and then everybody`, async (t) => {
          const { script, lead, check, verified, issue, requests } = await scene(t, worker);
          const [first, ...others] = together(issue, 4);
          /** @type {Scripted} */
          const silence = { path, hang: true };
          script(...Array(10).fill(silence));
          const leader = lead(first);
          await requests.arrived(path);
          const waiting = Promise.all(others.map((one) => check(one)));
          await wait(SOON);
          leader.reset();
          for (const asked of await waiting) {
            const { code, category, io } = json(asked, 503);
            assert.deepEqual(
              { code, category, io },
              { code: "timed_out", category: "unavailable", io: 404 },
            );
            assert.ok(millis(asked) < TIMEOUT + SLACK, `${millis(asked)} ms`);
          }
          const sent = requests.of(path);
          assert.ok(sent >= 2 && sent <= 3, `${sent} requests`);

          silence.path = "/no-more";
          const again = await check(first);
          assert.ok(millis(again) < LEASE + SLACK, `${millis(again)} ms`);
          if (again !== "no answer" && again.status === 503) {
            assert.equal(again.json.code, "timed_out");
            await wait(again.json.retryAt - Date.now() + 1);
          }
          await verified([first, ...others], SLACK);
        });
      }

      test(`${name}: in the midst of discovery, which all kinds of tokens wait for`, async (t) => {
        const { script, lead, verified, issue, late, requests } = await scene(
          t,
          worker,
          "&discover",
        );
        const jwts = Array.from({ length: 4 }, () => issue("jwt"));
        const opaque = Array.from({ length: 3 }, () => issue("opaque"));
        script(late(METADATA));
        const leader = lead(jwts[0]);
        await requests.arrived(METADATA);
        const waiting = verified([...jwts.slice(1), ...opaque], most);
        await wait(SOON);
        leader.reset();
        await waiting;
        const sent = [METADATA, KEYS, INTROSPECTION].map(requests.of);
        // What waits for a dead flight has leases of its own, which may end together with that
        // one's: then it is asked twice, and no more.
        if (waits) assert.deepEqual(sent, [1, 1, 3]);
        else assert.ok(sent[0] === 2 && sent[1] <= 2 && sent[2] <= 6, String(sent));
        await verified([...jwts, ...opaque], SLACK);
        assert.deepEqual([METADATA, KEYS, INTROSPECTION].map(requests.of), sent);
      });

      test(`${name}: ${SLOTS} introspections that are never answered: their places are not lost`, async (t) => {
        const { script, lead, check, verified, issue, requests } = await scene(t, worker);
        const known = [issue("opaque"), issue("jwt")];
        await verified(known, SLACK);
        const tokens = Array.from({ length: SLOTS }, () => issue("opaque"));
        const sent = requests.of(INTROSPECTION);
        script(...tokens.map(() => ({ path: INTROSPECTION, hang: true })));
        const leaders = tokens.map((one) => lead(one));
        await requests.arrived(INTROSPECTION, sent + SLOTS);
        const takenAt = performance.now();
        const another = issue("opaque");
        const { code, category, retryAt } = json(await check(another), 503);
        assert.deepEqual(
          { code, category, soon: retryAt - Date.now() < 2_000 },
          { code: "server_overloaded", category: "unavailable", soon: true },
        );
        await wait(SOON);
        for (const leader of leaders) leader.reset();
        for (;;) {
          await verified([...known, issue("jwt")], SLACK);
          const asked = await check(another);
          if (asked !== "no answer" && asked.status === 200) break;
          assert.equal(json(asked, 503).code, "server_overloaded");
          assert.ok(performance.now() - takenAt < CANCELLED + SLACK, "they are still taken");
          await wait(500);
        }
        // Who comes back is not told what was never found out.
        await verified(tokens, LEASE + SLACK);
        assert.equal(requests.of(INTROSPECTION), sent + 2 * SLOTS + 1);
      });

      test(`${name}: ${VERIFIERS} verifiers at once, each with a request for keys that is never answered`, async (t) => {
        const { script, lead, verified, issue, requests } = await scene(t, worker);
        const token = issue("jwt");
        const numbers = Array.from({ length: VERIFIERS }, (_, n) => `&n=v${n}`);
        script(...numbers.map(() => ({ path: KEYS, hang: true })));
        const leaders = numbers.map((n) => lead(token, n));
        await requests.arrived(KEYS, VERIFIERS);
        const waiting = numbers.map((n) => verified([token, token], LEASE + SLACK, n));
        await wait(SLOW);
        for (const leader of leaders) leader.reset();
        await Promise.all(waiting);
        assert.equal(requests.of(KEYS), 2 * VERIFIERS);
        await verified([token], SLACK, "&n=later");
      });

      test(`${name}: the keys once more, because of a token by a new one: other tokens go on`, async (t) => {
        const { zitadel, script, lead, check, verified, issue, late, requests } = await scene(
          t,
          worker,
        );
        const known = issue("jwt");
        await verified([known], SLACK);
        await wait(COOLDOWN + 50);
        zitadel.state.signingKeys = [
          makeSigningKey("317905284017000001"),
          ...zitadel.state.signingKeys,
        ];
        const first = issue("jwt");
        const other = issue("jwt");
        script(late(KEYS));
        const leader = lead(first);
        await requests.arrived(KEYS, 2);
        const waiting = check(other);
        await wait(SOON);
        leader.reset();
        await verified([known], SLACK);
        if (waits) {
          assert.equal(json(await waiting).jti, other.claims.jti);
          await verified([first], SLACK);
        } else {
          // The request counts, though its answer is lost: until it may be repeated, nobody says
          // that the key is wrong.
          const asked = await waiting;
          assert.ok(millis(asked) < LEASE + SLACK, `${millis(asked)} ms`);
          const { code, category, retryAt } = json(asked, 503);
          assert.deepEqual(
            { code, category, inTime: retryAt - Date.now() < COOLDOWN - LEASE + SLACK },
            { code: "key_unknown", category: "unavailable", inTime: true },
          );
          await verified([known], SLACK);
        }
        assert.equal(requests.of(KEYS), 2);
      });
    }
  },
);

for (const { name, logged } of workers) {
  test(`${name}: nothing of ours is logged`, () => assert.equal(logged(), ""));
}

/**
 * @param {import("node:test").TestContext} t
 * @param {{ url: string }} worker
 * @param {string} [more] of every path
 */
async function scene(t, worker, more = "") {
  const { zitadel, script, ...clients } = await startScene(t, worker);
  const { state, requests } = zitadel;
  const of = (/** @type {string} */ path) =>
    requests.filter((request) => request.path === path).length;
  const at = (/** @type {Issued} */ { token }, n = "") => `/?token=${token}${n}${more}`;
  const check = (/** @type {Issued} */ issued, n = "") => clients.ask(at(issued, n));
  return {
    zitadel,
    script,
    check,
    lead: (/** @type {Issued} */ issued, n = "") => clients.lead(at(issued, n)),
    /**
     * All of them are taken, each for what it is, in time.
     *
     * @type {(tokens: Issued[], most: number, n?: string) => Promise<void>}
     */
    async verified(tokens, most, n) {
      for (const [i, asked] of (
        await Promise.all(tokens.map((issued) => check(issued, n)))
      ).entries()) {
        const { jti, io } = json(asked);
        assert.deepEqual({ jti, io }, { jti: tokens[i].claims.jti, io: 404 });
        assert.ok(millis(asked) < most, `${millis(asked)} ms`);
      }
    },
    /**
     * A token for the API.
     *
     * @param {"jwt" | "opaque"} shape
     */
    issue: (shape) =>
      issueToken(state, {
        scopes: [`urn:zitadel:iam:org:project:id:${state.projectId}:aud`],
        clientId: state.clientId,
        shape,
      }),
    /**
     * What the server would answer, but slowly.
     *
     * @type {(path: string, issued?: Issued) => Scripted}
     */
    late(path, issued) {
      const delay = SLOW;
      if (path === KEYS) return { path, delay, ...answerKeys(state) };
      const { issuer, jwksUri, introspectionEndpoint } = zitadel;
      if (path === METADATA)
        return {
          path,
          delay,
          body: { issuer, jwks_uri: jwksUri, introspection_endpoint: introspectionEndpoint },
        };
      return { path, delay, body: { active: true, token_type: "Bearer", ...issued?.claims } };
    },
    requests: {
      of,
      /**
       * Until so many have come.
       *
       * @type {(path: string, count?: number) => Promise<void>}
       */
      arrived: (path, count = 1) => until(() => of(path) >= count, `${count} requests to ${path}`),
    },
  };
}
