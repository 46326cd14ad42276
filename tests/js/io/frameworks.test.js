// @ts-check
// What a framework throws to itself through `fetch` reaches it untouched, from whoever called, and
// nobody else hears of it.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import test from "node:test";
import { runInNewContext } from "node:vm";
import { AuthError } from "edge-credentials";
import { advance, jump, settle } from "../support/clock.js";
import { rejections } from "../support/errors.js";
import { outcome, watch } from "../support/promises.js";
import { sourceFixture } from "../support/fixtures/token-source.js";
import { CLIENT, verifierFixture } from "../support/fixtures/token-verifier.js";

const HOUR = 3_600_000;

/**
 * What is not to be prerendered: there `fetch` throws.
 *
 * @type {AsyncLocalStorage<unknown>}
 */
const rendering = new AsyncLocalStorage();

/** As Next throws it. */
const isDynamic = () =>
  Object.assign(new Error("Dynamic server usage: no-store fetch"), {
    digest: "DYNAMIC_SERVER_USAGE",
  });

/**
 * What is thrown: each is control flow.
 *
 * @type {Record<string, () => unknown>}
 */
const THROWN = {
  "an error with a digest": isDynamic,
  "a promise": () => new Promise(() => {}),
  "a promise that is rejected": () => {
    const promise = Promise.reject(new Error("late"));
    promise.catch(() => {});
    return promise;
  },
  "a promise of another realm": () => runInNewContext("new Promise(() => {})"),
};

/**
 * The fetch that a framework patches.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 */
function patched(fetch) {
  return async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
    const thrown = rendering.getStore();
    if (thrown !== undefined) throw thrown;
    return fetch(url, init);
  };
}

/**
 * @type {(
 *   t: import("node:test").TestContext,
 *   options?: Parameters<typeof sourceFixture>[1],
 * ) => ReturnType<typeof sourceFixture>}
 */
function framework(t, options = {}) {
  const own = sourceFixture(t, {
    ...options,
    fetch: patched((url, init) => own.server.fetch(url, init)),
  });
  return own;
}

for (const [name, make] of Object.entries(THROWN)) {
  test(`${name} goes through untouched, is not tried again and not remembered`, async (t) => {
    const { source, requests, events } = framework(t);
    const thrown = make();
    for (const ask of [
      source.get,
      source.authorization,
      () => source.fetch("https://idp.example/api"),
    ]) {
      const caller = watch(rendering.run(thrown, /** @type {() => Promise<unknown>} */ (ask)));
      await settle();
      assert.ok(caller.done && caller.error === thrown, name);
    }
    assert.deepEqual([requests.length, events], [0, []]);
    assert.equal((await source.get()).accessToken, "token-1", "at once");
  });
}

test("others who wait for the same flight ask for themselves", async (t) => {
  const { source, tokenRequests } = framework(t);
  const thrown = [isDynamic(), isDynamic()];
  const page = watch(rendering.run(thrown[0], () => source.get()));
  const visitor = watch(source.get());
  const other = watch(rendering.run(thrown[1], () => source.get()));
  const late = watch(source.get());
  await settle();
  assert.equal(page.error, thrown[0]);
  assert.deepEqual([visitor.value?.accessToken, late.value?.accessToken], ["token-1", "token-1"]);
  assert.equal(other.value?.accessToken, "token-1", "a flight of a visitor's is good for a page");
  assert.equal(tokenRequests().length, 1);
});

test("pages that wait for each other get each its own", async (t) => {
  const { source } = framework(t);
  const pages = Array.from({ length: 20 }, () => {
    const thrown = isDynamic();
    return { thrown, caller: watch(rendering.run(thrown, () => source.get())) };
  });
  await settle();
  for (const { thrown, caller } of pages) assert.equal(caller.error, thrown);
});

test("discovery lets it through too, and asks again at once", async (t) => {
  const { source, requests } = framework(t, { issuer: "https://idp.example" });
  const thrown = isDynamic();
  const page = watch(rendering.run(thrown, () => source.get()));
  await settle();
  assert.deepEqual([page.error === thrown, requests.length], [true, 0]);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("so does what reads an answer", async (t) => {
  const thrown = isDynamic();
  let isFirst = true;
  const { source, server } = sourceFixture(t, {
    fetch: async (url, init) => {
      if (!isFirst) return server.fetch(url, init);
      isFirst = false;
      return new Response(new ReadableStream({ pull: (controller) => controller.error(thrown) }));
    },
  });
  assert.equal(await source.get().catch((error) => error), thrown);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("after an attempt that failed, the flight leaves no back-off", async (t) => {
  const thrown = isDynamic();
  const answers = [
    () => Promise.reject(new TypeError("fetch failed")),
    () => Promise.reject(thrown),
  ];
  const { source, server } = sourceFixture(t, {
    fetch: (url, init) => answers.shift()?.() ?? server.fetch(url, init),
  });
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.error, thrown);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("in the background nobody hears it: the token stays, and the next caller refreshes it", async (t) => {
  const { source, tokenRequests } = framework(t);
  /** @type {unknown[]} */
  const unheard = [];
  const onRejection = (/** @type {unknown} */ reason) => unheard.push(reason);
  process.on("unhandledRejection", onRejection);
  t.after(() => process.off("unhandledRejection", onRejection));
  await source.get();
  jump(HOUR - 200_000);
  assert.equal((await rendering.run(isDynamic(), () => source.get())).accessToken, "token-1");
  await settle();
  jump(1);
  assert.equal((await source.get()).accessToken, "token-1");
  await settle();
  assert.equal((await source.get()).accessToken, "token-2");
  assert.deepEqual([tokenRequests().length, unheard], [2, []]);
});

test("the function that gives the secret lets it through as well", async (t) => {
  const secret = patched(async () => new Response("secret"));
  const { source } = sourceFixture(t, {
    clientSecret: async () => (await secret("https://vault.example", {})).text(),
  });
  const thrown = isDynamic();
  assert.equal(await rendering.run(thrown, () => source.get()).catch((error) => error), thrown);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("so does that function when it is asked again after a refusal", async (t) => {
  const refusal = { status: 401, body: { error: "invalid_client" } };
  const thrown = isDynamic();
  const answers = [
    () => "old",
    () => {
      throw thrown;
    },
  ];
  const clientSecret = () => (answers.shift() ?? (() => "new"))();
  const { source, server } = sourceFixture(t, { clientSecret });
  server.script.push(refusal);
  assert.equal(await source.get().catch((error) => error), thrown);
  assert.equal((await source.get()).accessToken, "token-1", "at once");

  answers.push(
    () => "old",
    () => {
      throw thrown;
    },
  );
  const own = verifierFixture(t, { introspection: { clientId: "a", clientSecret } });
  const token = own.server.opaque();
  const { introspect } = own.server;
  own.server.introspect = () => {
    own.server.introspect = introspect;
    return refusal;
  };
  const page = watch(own.verifier.verify(token));
  await outcome(page);
  assert.equal(page.error, thrown);
  const claims = watch(own.verifier.verify(token));
  await outcome(claims);
  assert.ok(claims.value?.sub, String(claims.error));
});

test("an API's fetch too, unless the caller has aborted", async (t) => {
  const thrown = isDynamic();
  const controller = new AbortController();
  const { source, server } = sourceFixture(t, {
    fetch: async (url, init) => {
      if (!url.endsWith("/api")) return server.fetch(url, init);
      throw thrown;
    },
  });
  assert.equal(await source.fetch("https://idp.example/api").catch((error) => error), thrown);
  await source.get();
  const aborted = source.fetch("https://idp.example/api", { signal: controller.signal });
  controller.abort("enough");
  assert.equal(await aborted.catch((reason) => reason), "enough");
});

/**
 * What only looks like it: an ordinary failure, which is tried three times.
 *
 * @type {Record<string, () => unknown>}
 */
const OTHERS = {
  "a digest that is no text": () => Object.assign(new Error("fetch failed"), { digest: 7 }),
  "a digest of its cause": () => new TypeError("fetch failed", { cause: isDynamic() }),
  "a digest of its prototype": () => Object.create(isDynamic()),
  "a digest that is computed": () =>
    Object.defineProperty(new Error("fetch failed"), "digest", {
      get: () => "DYNAMIC_SERVER_USAGE",
    }),
  "a digest that throws": () =>
    new Proxy(new Error("fetch failed"), { getOwnPropertyDescriptor: () => assert.fail("read") }),
  "an error of ours that React has marked": () =>
    Object.assign(
      new AuthError({ code: "timed_out", category: "unavailable", message: "", hint: "" }),
      { digest: "641495650" },
    ),
  "a thenable": () => ({ then: () => assert.fail("it is not waited for") }),
  "a text": () => "DYNAMIC_SERVER_USAGE",
  nothing: () => null,
};

for (const [name, make] of Object.entries(OTHERS)) {
  test(`${name} is no control flow`, async (t) => {
    let asked = 0;
    const { source } = sourceFixture(t, {
      fetch: async () => {
        asked += 1;
        throw make();
      },
    });
    const caller = watch(source.get());
    await outcome(caller);
    assert.deepEqual([caller.error?.code, asked], ["network_failed", 3]);
    assert.equal(
      (await rejections(source.get()))[0].code,
      "network_failed",
      "and the source backs off",
    );
  });
}

test("a server's answer is none, whatever it says", async (t) => {
  const { source, server } = sourceFixture(t);
  server.always = {
    status: 400,
    body: { error: "invalid_client", digest: "DYNAMIC_SERVER_USAGE", then: "x" },
  };
  const [error] = await rejections(source.get());
  assert.equal(error.code, "credentials_refused");
});

for (const kind of /** @type {const} */ (["jwt", "opaque"])) {
  test(`a verifier of ${kind} tokens lets it through, and asks again at once`, async (t) => {
    const { server, verifier, requests, events } = verifierFixture(t, {
      introspection: CLIENT,
      fetch: patched((url, init) => server.fetch(url, init)),
    });
    const token = server[kind]();
    const thrown = isDynamic();
    const pages = [
      watch(rendering.run(thrown, () => verifier.verify(token))),
      watch(rendering.run(thrown, () => verifier.verify(token))),
    ];
    await settle();
    assert.deepEqual(
      [pages.map(({ error }) => error === thrown), requests.length, events],
      [[true, true], 0, []],
    );
    const claims = watch(verifier.verify(token));
    await outcome(claims);
    assert.ok(claims.value?.sub, String(claims.error));
  });
}

test("a key that is not known yet: pages leave no cooldown", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    fetch: patched((url, init) => server.fetch(url, init)),
  });
  const first = watch(verifier.verify(server.jwt()));
  await outcome(first);
  server.rotate();
  await advance(31_000);
  const token = server.jwt();
  const thrown = isDynamic();
  const page = watch(rendering.run(thrown, () => verifier.verify(token)));
  await settle();
  assert.equal(page.error, thrown);
  const claims = watch(verifier.verify(token));
  await outcome(claims);
  assert.ok(claims.value?.sub, String(claims.error));
});

test("opaque tokens of pages take no room: those of visitors are asked about", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    introspection: CLIENT,
    fetch: patched((url, init) => server.fetch(url, init)),
  });
  const pages = Array.from({ length: 40 }, () =>
    watch(rendering.run(isDynamic(), () => verifier.verify(server.opaque()))),
  );
  await settle();
  assert.ok(pages.every(({ done }) => done));
  const claims = watch(verifier.verify(server.opaque()));
  await outcome(claims);
  assert.ok(claims.value?.sub, String(claims.error));
});
