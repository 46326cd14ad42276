// @ts-check
// Whose fault a refused introspection is: what servers say of one caller's garbage is that
// caller's, and blocks nobody else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { AuthError, buildIntrospectionRequest, parseIntrospectionResponse } from "edge-credentials";
import { advance, settle } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { outcome, settled, watch } from "../../support/promises.js";
import { AUDIENCE, CLIENT, verifierFixture } from "../../support/fixtures/token-verifier.js";

/**
 * @typedef {{
 *   server: string;
 *   case: string;
 *   status: number;
 *   headers: Record<string, string>;
 *   body: string;
 *   outcome: string;
 * }} Case
 */

/** @type {{ cases: Case[] }} */
const { cases } = JSON.parse(
  readFileSync(
    new URL("../../../vectors/servers/introspection-refusals.json", import.meta.url),
    "utf8",
  ),
);
const NOW = 1_700_000_000_000;
const REFUSED = { status: 401, body: { error: "invalid_client" } };

/**
 * Whose answer `challenge` gives.
 *
 * @type {Record<string, number>}
 */
const STATUS = { rejected: 401, denied: 500, misuse: 500, malformed: 503, unavailable: 503 };

/**
 * An issuer that answers one case after the other to whatever begins with `garbage`, and as usual
 * to the rest.
 *
 * @param {import("node:test").TestContext} t
 * @param {Case[]} refusals
 */
function refusing(t, ...refusals) {
  let next = 0;
  const fixture = verifierFixture(t, {
    introspection: CLIENT,
    fetch: async (url, init) => {
      const token = new URLSearchParams(String(init.body ?? "")).get("token");
      const answer = await fixture.server.fetch(url, init);
      if (!token?.startsWith("garbage")) return answer;
      const { status, headers, body } = refusals[next++ % refusals.length];
      return new Response(new TextEncoder().encode(body), { status, headers });
    },
  });
  return fixture;
}

for (const refusal of cases) {
  const { server, case: name, status, headers, body, outcome: expected } = refusal;
  test(`${server}, ${name}: ${expected}`, async (t) => {
    const request = buildIntrospectionRequest({
      introspectionEndpoint: "https://idp.example/introspect",
      token: "t",
      clientId: "a",
      clientSecret: "s3cret",
    });
    for (const context of [{ now: NOW }, { now: NOW, request }]) {
      let found;
      try {
        found = parseIntrospectionResponse({ status, headers, body }, context).active
          ? "active"
          : "inactive";
      } catch (thrown) {
        assert.ok(thrown instanceof AuthError, String(thrown));
        found = thrown.code;
      }
      assert.equal(found, expected);
    }

    const { verifier, events } = refusing(t, refusal);
    const error = await fails(
      () => verifier.verify("garbage"),
      { inactive: "token_inactive", active: "audience_refused" }[expected] ?? expected,
    );
    assert.equal(verifier.challenge(error).status, STATUS[error.category]);
    const isTokens = ["inactive", "active"].includes(expected);
    assert.equal(error.category === "rejected", isTokens);
    assert.equal(
      events.some(({ type }) => type === "fail"),
      !isTokens,
    );
  });
}

test("whatever a server makes of one caller's garbage, good tokens go on being answered, known ones and new ones", async (t) => {
  const answers = cases.filter(({ status }) => [302, 400, 401, 403, 404, 405].includes(status));
  for (const kind of new Set(answers.map((refusal) => refusal.outcome))) {
    const { server, verifier } = refusing(
      t,
      ...answers.filter((refusal) => refusal.outcome === kind),
    );
    const good = [server.opaque(), server.opaque()];
    for (const token of good) await settled(verifier.verify(token));
    let made = 0;
    for (let second = 0; second < 150; second += 1) {
      if (second % 40 === 39) good.push(server.opaque());
      const garbage = Array.from({ length: 1 + (second % 3) }, () => {
        made += 1;
        return watch(verifier.verify(`garbage-${made}`));
      });
      // The server has refused the garbage before it is asked about the others.
      await settle();
      const checked = good.map((token) => watch(verifier.verify(token)));
      await advance(1_000);
      for (const { done, error } of checked)
        assert.deepEqual([done, error], [true, undefined], `${kind}, second ${second}`);
      assert.ok(garbage.every(({ error }) => error instanceof AuthError));
    }
  }
});

test("a pause that garbage made is over when another token is answered", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const { introspect } = server;
  server.introspect = (token) =>
    token === "garbage" ? { ...REFUSED, delay: 100 } : { ...introspect(token), delay: 300 };
  const garbage = watch(verifier.verify("garbage"));
  const good = watch(verifier.verify(server.opaque()));
  await advance(200);
  await fails(() => verifier.verify(server.opaque()), "credentials_refused");
  await advance(200);
  assert.deepEqual([garbage.error?.code, good.value?.active], ["credentials_refused", true]);
  assert.ok(await settled(verifier.verify(server.opaque())));
});

test("credentials that were good and are refused now: the pause holds two minutes after the last answer", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  await settled(verifier.verify(server.opaque()));
  server.introspect = () => REFUSED;
  const asked = async (/** @type {string} */ name) => {
    const before = server.introspections();
    for (let i = 0; i < 20; i += 1)
      await fails(() => verifier.verify(`${name}-${i}`), "credentials_refused");
    return server.introspections() - before;
  };
  assert.equal(await asked("early"), 20);
  await advance(120_001);
  for (let second = 0; second < 10; second += 1) {
    assert.equal(await asked(`late-${second}`), 1);
    await advance(1_001);
  }
});

test("what an old secret was answered speaks for no new one", async (t) => {
  let secret = "old";
  const { server, verifier } = verifierFixture(t, {
    introspection: { clientId: "a", clientSecret: () => secret },
  });
  await settled(verifier.verify(server.opaque()));
  server.introspect = () => REFUSED;
  secret = "wrong";
  await fails(() => verifier.verify("first"), "credentials_refused");
  const before = server.introspections();
  for (let i = 0; i < 20; i += 1)
    await fails(() => verifier.verify(`next-${i}`), "credentials_refused");
  assert.equal(server.introspections(), before);
});

test("a server that wants to be left alone is, whatever else it answers or refuses at the same time", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const { introspect } = server;
  server.introspect = (token) => {
    if (token === "limited") return { status: 429, headers: { "retry-after": "40" }, body: "" };
    return { ...(token === "garbage" ? REFUSED : introspect(token)), delay: 500 };
  };
  const others = ["garbage", server.opaque()].map((token) => watch(verifier.verify(token)));
  await fails(() => verifier.verify("limited"), "rate_limited");
  await Promise.all(others.map(outcome));
  await settle();
  await advance(30_000);
  await fails(() => verifier.verify(server.opaque()), "rate_limited");
});

test("a firewall's page blocks nobody else, though no token was answered yet", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const { introspect } = server;
  server.introspect = (token) =>
    token === "garbage"
      ? { status: 403, headers: { "content-type": "text/html" }, body: "<html>" }
      : introspect(token);
  const error = await fails(() => verifier.verify("garbage"), "status_unexpected");
  assert.match(error.hint, /what stands before the server/);
  const { aud } = await settled(verifier.verify(server.opaque()));
  assert.ok(Array.isArray(aud) && aud.includes(AUDIENCE));
});
