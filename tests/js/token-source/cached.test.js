// @ts-check
// What a call costs while a token is kept: nothing but a comparison of times. Shown by counts,
// which no machine's load disturbs.
import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import test, { before } from "node:test";

const CALLS = 1_000;

/** Calls from JavaScript into WebAssembly. */
let crossings = 0;
/** @type {import("edge-credentials").TokenSource} */
let source;
/** @type {import("edge-credentials").SourceEvent[]} */
const events = [];
let requests = 0;
/**
 * What the first call did, while nothing was kept.
 *
 * @type {Awaited<ReturnType<typeof counted<Promise<import("edge-credentials").Token>>>>}
 */
let cold;

before(async () => {
  countCrossings();
  // Not before: the package makes its instance as soon as it is imported.
  const { tokenSource } = await import("edge-credentials");
  source = tokenSource({
    tokenEndpoint: "https://idp.example/token",
    clientId: "service",
    clientSecret: "secret",
    fetch: async () => {
      requests += 1;
      return Response.json({
        access_token: "a-token",
        token_type: "Bearer",
        expires_in: 12 * 3600,
      });
    },
    apiFetch: async () => {
      requests += 1;
      return new Response();
    },
    onEvent: (event) => events.push(event),
  });
  cold = await counted(() => source.get());
});

test("the first call makes promises and a timer, crosses into WebAssembly, asks the server and tells so", () => {
  assert.equal(cold.result.accessToken, "a-token");
  assert.ok(cold.resources.includes("PROMISE"), String(cold.resources));
  assert.ok(cold.resources.includes("Timeout"), String(cold.resources));
  assert.ok(cold.crossings > 0);
  assert.deepEqual([cold.requests, cold.events], [1, 1]);
});

for (const name of /** @type {const} */ (["get", "authorization"])) {
  test(`${CALLS} cached calls of ${name} make no promise and no timer, stay in JavaScript, ask and tell nobody`, async () => {
    const call = source[name];
    const promises = Array(CALLS);
    const { result, ...counts } = await counted(() => {
      for (let i = 0; i < CALLS; i++) promises[i] = call();
    });
    assert.deepEqual(counts, { resources: [], crossings: 0, requests: 0, events: 0 });
    assert.equal(new Set(promises).size, 1, "they are not the same promise");
    assert.equal(promises[0], call(), "a later call gives another promise");
    const value = await promises[0];
    assert.equal(
      typeof value === "string" ? value : value.accessToken,
      name === "get" ? "a-token" : "Bearer a-token",
    );
  });

  test(`${name} with options makes promises, but stays in JavaScript too`, async () => {
    const { resources, crossings } = await counted(() =>
      source[name]({ signal: AbortSignal.timeout(1_000) }),
    );
    assert.ok(resources.includes("PROMISE"), String(resources));
    assert.equal(crossings, 0);
  });
}

test("fetch with a token that is kept stays in JavaScript, and sends nothing but the call", async () => {
  const { result, crossings, requests, events } = await counted(() =>
    source.fetch("https://idp.example/api"),
  );
  assert.deepEqual([result.status, crossings, requests, events], [200, 0, 1, 0]);
});

/**
 * Counts what happens while `run` does, until what it gives has settled, where that is a promise.
 *
 * @template T
 * @param {() => T} run
 */
async function counted(run) {
  /** @type {string[]} */
  const resources = [];
  // Timers and callbacks for later are such resources too.
  const hook = createHook({ init: (_, type) => resources.push(type) });
  const crossingsBefore = crossings;
  const requestsBefore = requests;
  const eventsBefore = events.length;
  hook.enable();
  const given = run();
  // An `await` of what is no promise would count itself.
  if (!(given instanceof Promise)) hook.disable();
  const result = await given;
  hook.disable();
  return {
    result,
    resources,
    crossings: crossings - crossingsBefore,
    requests: requests - requestsBefore,
    events: events.length - eventsBefore,
  };
}

/** Replaces the class of instances by one whose exported functions count their calls. */
function countCrossings() {
  const { Instance } = WebAssembly;
  /** @type {(module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance} */
  const construct = (module, imports) => {
    const entries = Object.entries(new Instance(module, imports).exports);
    return {
      exports: Object.fromEntries(
        entries.map(([name, value]) => [
          name,
          typeof value === "function" ? counting(value) : value,
        ]),
      ),
    };
  };
  WebAssembly.Instance = new Proxy(Instance, {
    construct: (_, [module, imports]) => construct(module, imports),
  });
}

/**
 * @param {Function} inner
 * @returns {(...args: unknown[]) => unknown}
 */
function counting(inner) {
  return (...args) => {
    crossings += 1;
    return inner(...args);
  };
}
