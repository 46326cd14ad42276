// @ts-check
// What a source does to get along with the platform it runs on: flights outlive the request that
// started them, and nothing is cached by others.
import assert from "node:assert/strict";
import test from "node:test";
import { execa } from "execa";
import { advance, settle } from "../support/clock.js";
import { watch } from "../support/promises.js";
import { importSources } from "../support/core/sources.js";
import { root } from "../../../scripts/run.js";
import { sourceFixture } from "../support/fixtures/token-source.js";

const runtime = /** @type {any} */ (globalThis);

/**
 * How platforms offer their `waitUntil`.
 *
 * @type {Record<string, (waitUntil: unknown) => [name: string | symbol, value: unknown]>}
 */
const PLATFORMS = {
  Vercel: (waitUntil) => [Symbol.for("@vercel/request-context"), { get: () => ({ waitUntil }) }],
  "Next.js": (waitUntil) => [Symbol.for("@next/request-context"), { get: () => ({ waitUntil }) }],
  Netlify: (waitUntil) => ["Netlify", { context: { waitUntil } }],
};

for (const [name, offer] of Object.entries(PLATFORMS)) {
  test(`${name} is told to wait for a flight, and for no longer`, async (t) => {
    const { source, server } = sourceFixture(t);
    server.script.push({
      delay: 1_000,
      body: { access_token: "slow", token_type: "Bearer", expires_in: 3600 },
    });
    /** @type {Promise<unknown>[]} */
    const waited = [];
    put(
      t,
      offer((/** @type {Promise<unknown>} */ promise) => {
        waited.push(promise);
      }),
    );
    const callers = [watch(source.get()), watch(source.get())];
    await settle();
    assert.equal(waited.length, 1);
    const flight = watch(waited[0]);
    await settle();
    assert.equal(flight.done, false);
    await advance(1_000);
    assert.deepEqual(
      [flight.done, flight.error, ...callers.map(({ value }) => value?.accessToken)],
      [true, undefined, "slow", "slow"],
    );
    await source.get();
    assert.equal(waited.length, 1, "a cached call starts nothing that could be waited for");
  });

  test(`${name}'s waitUntil that fails, or is none, disturbs nobody`, async (t) => {
    for (const waitUntil of [
      () => {
        throw new Error("outside of a request");
      },
      async () => {
        throw new Error("too late");
      },
      undefined,
      "none",
    ]) {
      const { source } = sourceFixture(t);
      put(t, offer(waitUntil));
      assert.equal((await source.get()).accessToken, "token-1");
    }
  });
}

test("the platform outside of a request", async (t) => {
  put(t, [Symbol.for("@vercel/request-context"), { get: () => undefined }]);
  const { source } = sourceFixture(t);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("neither metadata nor tokens are taken from a cache, or kept in one", async (t) => {
  /** @type {RequestInit[]} */
  const inits = [];
  const { source, server } = sourceFixture(t, {
    issuer: "https://idp.example",
    fetch(url, init) {
      inits.push(init);
      return server.fetch(url, init);
    },
  });
  await source.get();
  assert.deepEqual(
    inits.map(({ method, cache, redirect }) => [method, cache, redirect]),
    [
      ["GET", "no-store", "manual"],
      ["POST", "no-store", "manual"],
    ],
  );
});

/**
 * @param {import("node:test").TestContext} t
 * @param {[name: string | symbol, value: unknown]} entry
 */
function put(t, [name, value]) {
  runtime[name] = value;
  t.after(() => delete runtime[name]);
}

test("on workerd, which throws at `cache` on older dates, requests go without it", async (t) => {
  const noStore = async () => (await importSources("pkg/src/core/platform.ts"))[0].platform.noStore;
  assert.deepEqual(await noStore(), { cache: "no-store" });
  put(t, ["WebSocketPair", class {}]);
  assert.deepEqual(await noStore(), {});
});

test("the import touches nothing of `fetch`, which Node loads when it is first touched", async () => {
  const code = `
    const touched = [];
    for (const name of ["Request", "Response", "Headers", "FormData", "WebSocket"]) {
      const { get } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
      if (get) Object.defineProperty(globalThis, name, { get() { touched.push(name); return get.call(globalThis); } });
    }
    await import("edge-credentials");
    console.log(touched.join() || "nothing");
  `;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: root,
  });
  assert.equal(stdout, "nothing");
});
