// @ts-check
// Events to operate by: whose they are, why something failed, and counts of what was accepted.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenSource } from "edge-credentials";
import { advance, settle } from "../support/clock.js";
import { fails } from "../support/errors.js";
import { sourceFixture } from "../support/fixtures/token-source.js";
import { CLIENT, verifierFixture } from "../support/fixtures/token-verifier.js";
import { outcome, watch } from "../support/promises.js";

test("each event of a source has its name, and why with the status", async (t) => {
  const { source, server, events } = sourceFixture(t, { name: "billing", retries: 1 });
  server.always = { status: 503, body: "" };
  await fails(() => source.get(), "server_overloaded");
  server.always = undefined;
  await advance(60_000);
  source.invalidate(await source.get());
  await settle();
  assert.deepEqual(
    events.map((event) => [event.type, event.name, "status" in event ? event.status : undefined]),
    [
      ["retry", "billing", 503],
      ["fail", "billing", 503],
      ["fetch", "billing", undefined],
      ["invalidate", "billing", undefined],
    ],
  );
});

test("without a name there is none, and another name is another source", async (t) => {
  const { source, events } = sourceFixture(t);
  await source.get();
  await settle();
  assert.ok(events.length > 0 && events.every((event) => !("name" in event)));
  const options = { tokenEndpoint: "https://idp.example/token", clientId: "n", clientSecret: "s" };
  assert.notEqual(tokenSource({ ...options, name: "a" }), tokenSource({ ...options, name: "b" }));
  assert.equal(tokenSource({ ...options, name: "a" }), tokenSource({ ...options, name: "a" }));
});

test("a verifier counts: accepted, accepted as known, refused by code", async (t) => {
  const { verifier, server, events } = verifierFixture(t, { introspection: CLIENT, name: "api" });
  const tokens = [server.jwt(), server.opaque()];
  for (let round = 0; round < 3; round += 1) {
    for (const token of tokens) {
      const caller = watch(verifier.verify(token));
      await outcome(caller);
      assert.ok(caller.value);
    }
  }
  await fails(() => verifier.verify(server.jwt({ aud: "other" })), "audience_refused");
  await fails(() => verifier.verify(null), "token_missing");
  await settle();
  /** @type {Record<string, number>} */
  const counts = {};
  const count = (/** @type {string} */ key) => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const event of events) {
    assert.equal(event.name, "api");
    if (event.type === "accept") count(`accept ${event.cached}`);
    if (event.type === "refuse") count(`refuse ${event.code}`);
  }
  assert.deepEqual(counts, {
    "accept false": 2,
    "accept true": 4,
    "refuse audience_refused": 1,
    "refuse token_missing": 1,
  });
});

test("a known token that lacks a requirement is refused, and not accepted before", async (t) => {
  const { verifier, server, events } = verifierFixture(t, {});
  const token = server.jwt();
  const caller = watch(verifier.verify(token));
  await outcome(caller);
  await fails(() => verifier.verify(token, { scope: "more" }), "scope_insufficient");
  await settle();
  assert.deepEqual(
    events.map(({ type }) => type).filter((type) => type === "accept" || type === "refuse"),
    ["accept", "refuse"],
  );
});
