// @ts-check
// What an API's 401 leads to: one more try with another token where the body can be sent again, and
// never a storm.
import assert from "node:assert/strict";
import test from "node:test";
import { freshSource, startBoth } from "../support/http/api-server.js";
import { failure } from "../support/errors.js";

/** @typedef {import("edge-credentials").SecretSourceOptions} Options */
/** @typedef {import("../support/http/api-server.js").Recorded} Recorded */

const BYTES = new TextEncoder().encode("b\u0000ytes");

const { zitadel, api } = await startBoth();

test("after a 401 there is one more try with another token and the same body", async () => {
  const form = new FormData();
  form.set("field", new Blob(["file"]), "name.txt");
  /** @type {Record<string, [body: BodyInit | null, arrives: string | RegExp, type?: RegExp]>} */
  const bodies = {
    null: [null, ""],
    string: ["text", "text", /^text\/plain/],
    Uint8Array: [BYTES, "b\u0000ytes"],
    "a part of an ArrayBuffer": [BYTES.subarray(1), "\u0000ytes"],
    ArrayBuffer: [BYTES.buffer, "b\u0000ytes"],
    URLSearchParams: [
      new URLSearchParams({ a: "1 2" }),
      "a=1+2",
      /^application\/x-www-form-urlencoded/,
    ],
    Blob: [new Blob(["blob"], { type: "text/csv" }), "blob", /^text\/csv$/],
    FormData: [
      form,
      /name="field"; filename="name.txt"[^]*\r\n\r\nfile\r\n/,
      /^multipart\/form-data; boundary=/,
    ],
  };
  for (const [name, [body, arrives, type = /^$/]] of Object.entries(bodies)) {
    const own = source();
    const old = await refuseKnownTokens(own);
    const response = await own.fetch(api.origin, { method: "POST", body });
    assert.deepEqual([response.status, await response.text()], [200, "fine"], name);
    const [first, second, ...more] = api.requests.splice(0);
    assert.deepEqual(
      [first.headers.authorization, second.headers.authorization, more],
      [old, await own.authorization(), []],
      name,
    );
    assert.notEqual(second.headers.authorization, old);
    assert.equal(withoutBoundary(second), withoutBoundary(first), name);
    if (typeof arrives === "string") assert.equal(second.body, arrives, name);
    else assert.match(second.body, arrives);
    for (const { headers } of [first, second])
      assert.match(headers["content-type"] ?? "", type, name);
  }
});

test("a 403 that calls the token invalid counts like a 401; any other 403 is the caller's", async () => {
  /** @type {[challenge: string | undefined, isRefused: boolean][]} */
  const challenges = [
    ['Bearer error="invalid_token"', true],
    ['Bearer realm="a", error=invalid_token, error_description="ended"', true],
    ['bearer ERROR = "INVALID_TOKEN"', true],
    [undefined, false],
    ["Bearer", false],
    ['Bearer error="insufficient_scope", scope="invalid_token"', false],
    ['Bearer error="invalid_tokens"', false],
    ['Bearer error_description="invalid_token"', false],
  ];
  for (const [challenge, isRefused] of challenges) {
    const own = source();
    const old = await own.authorization();
    /** @type {Record<string, string>} */
    const headers = challenge === undefined ? {} : { "www-authenticate": challenge };
    api.answer = (request) =>
      request.headers.authorization === old
        ? { status: 403, headers, body: "refused" }
        : { body: "fine" };
    const { status } = await own.fetch(api.origin);
    assert.deepEqual([status, api.requests.splice(0).length], isRefused ? [200, 2] : [403, 1]);
    assert.equal((await own.authorization()) === old, !isRefused, challenge);
  }
});

test("a Request without a body is tried again too, with its own headers", async () => {
  const own = source();
  await refuseKnownTokens(own);
  assert.equal(
    (await own.fetch(new Request(api.origin, { method: "DELETE", headers: { "x-mine": "kept" } })))
      .status,
    200,
  );
  assert.deepEqual(
    api.requests.map(({ method, headers }) => [method, headers["x-mine"]]),
    [
      ["DELETE", "kept"],
      ["DELETE", "kept"],
    ],
  );
});

test("a GET of another library's, whose requests have no body, is tried again too", async () => {
  const own = source({
    apiFetch: (input, init) => fetch(/** @type {any} */ (input).url ?? input, init),
  });
  await refuseKnownTokens(own);
  assert.equal(
    (await own.fetch(/** @type {any} */ ({ url: api.origin, method: "GET", headers: {} }))).status,
    200,
  );
  assert.equal(api.requests.length, 2);
});

test("what can be read only once is sent once, and the 401 handed back; the next call has another token", async () => {
  const stream = () => new Blob(["once"]).stream();
  const large = () => new Request(api.origin, { method: "POST", body: "x".repeat(2 ** 20 + 1) });
  /** @type {[input: string | Request, init?: RequestInit][]} */
  const calls = [[api.origin, streamed(stream())], [large()], [api.origin, large()]];
  for (const [input, init] of calls) {
    /** @type {unknown[]} */
    const events = [];
    const own = source({ onEvent: (event) => events.push(event) });
    await refuseKnownTokens(own);
    const response = await own.fetch(input, init);
    assert.deepEqual([response.status, await response.text()], [401, "refused"]);
    const sent = api.requests.splice(0).map(({ body }) => body.length);
    assert.ok(sent.length === 1 && [4, 2 ** 20 + 1].includes(sent[0]), String(sent));
    assert.deepEqual(events.at(-1), { type: "unrepeated", what: "request", status: 401 });
    assert.equal((await own.fetch(api.origin)).status, 200);
    assert.equal(api.requests.splice(0).length, 1);
  }
});

test("the body of a Request is sent again, up to 1 MiB, and whatever it was made of", async () => {
  const bytes = "y".repeat(2 ** 20);
  const stream = () => new Blob(["once"]).stream();
  const json = { "content-type": "application/json", "x-mine": "kept" };
  const post = (/** @type {string} */ body) =>
    new Request(api.origin, { method: "POST", body, headers: json });
  for (const [body, ...call] of /** @type {[string, string | Request, Request?][]} */ ([
    ["once", post("once")],
    ["once", api.origin, post("once")],
    ["once", new Request(api.origin, { ...streamed(stream()), headers: json })],
    [bytes, post(bytes)],
    ["", new Request(api.origin, { method: "POST", headers: json })],
  ])) {
    const own = source();
    await refuseKnownTokens(own);
    const response = await own.fetch(...call);
    assert.deepEqual([response.status, await response.text()], [200, "fine"]);
    const sent = api.requests.splice(0);
    assert.ok(sent.length === 2 && sent.every((request) => request.body === body));
    assert.deepEqual(
      sent.map(({ method, headers }) => [method, headers["content-type"], headers["x-mine"]]),
      Array(2).fill(["POST", "application/json", "kept"]),
    );
  }
});

test("an API that answers before it has the body: the 401 is handed back", async () => {
  // A body that never ends, and one whose end comes too late.
  for (const pull of [
    async () => new Promise(() => {}),
    async (/** @type {ReadableStreamDefaultController} */ controller) => {
      await new Promise((done) => setTimeout(done, 100));
      controller.enqueue(new Uint8Array(10));
    },
  ]) {
    /** @type {unknown[]} */
    const events = [];
    const own = source({
      onEvent: (event) => events.push(event),
      apiFetch: async () => new Response("no", { status: 401 }),
    });
    const request = new Request(api.origin, streamed(new ReadableStream({ pull })));
    const response = await own.fetch(request);
    assert.deepEqual([response.status, await response.text()], [401, "no"]);
    assert.deepEqual(events.at(-1), { type: "unrepeated", what: "request", status: 401 });
  }
});

test("of a body that is too long no copy stays in memory", async (t) => {
  const cancel = t.mock.method(ReadableStreamDefaultReader.prototype, "cancel");
  /** @type {number[]} */
  const during = [];
  const own = source({
    async apiFetch(/** @type {any} */ request) {
      await new Response(request.body).arrayBuffer();
      during.push(cancel.mock.callCount());
      return new Response("yes");
    },
  });
  await own.fetch(new Request(api.origin, streamed(new Blob(["x".repeat(2 ** 21)]).stream())));
  assert.deepEqual(during, [1], "the copy ends while the body is sent");
});

test("a body is not copied on after a good answer", async () => {
  let pulled = 0;
  const own = source({ apiFetch: async () => new Response("yes") });
  const pull = async (/** @type {ReadableStreamDefaultController} */ controller) => {
    pulled += 1;
    controller.enqueue(new Uint8Array(10));
  };
  await own.fetch(new Request(api.origin, streamed(new ReadableStream({ pull }))));
  const before = pulled;
  await new Promise((done) => setTimeout(done, 50));
  assert.ok(pulled - before <= 2, `${pulled - before} pieces`);
});

test("a body is not copied on after a call that failed", async () => {
  let pulled = 0;
  const own = source({
    async apiFetch(/** @type {any} */ request) {
      void request.body.cancel();
      throw new TypeError("fetch failed");
    },
  });
  const pull = async (/** @type {ReadableStreamDefaultController} */ controller) => {
    await new Promise((done) => setTimeout(done, 5));
    pulled += 1;
    controller.enqueue(new Uint8Array(10));
  };
  const request = new Request(api.origin, streamed(new ReadableStream({ pull })));
  await assert.rejects(own.fetch(request), { code: "network_failed" });
  const before = pulled;
  await new Promise((done) => setTimeout(done, 100));
  assert.ok(pulled - before <= 2, `${pulled - before} pieces`);
});

test("the body of the first 401 is cancelled, that of the second is the caller's", async () => {
  /** @type {string[]} */
  const cancelled = [];
  let calls = 0;
  const own = source({
    async apiFetch() {
      calls += 1;
      const name = `body ${calls}`;
      const body = new ReadableStream(
        {
          pull(controller) {
            controller.enqueue(new TextEncoder().encode(name));
            controller.close();
          },
          cancel() {
            cancelled.push(name);
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { status: 401 });
    },
  });
  const response = await own.fetch(api.origin);
  assert.deepEqual(cancelled, ["body 1"]);
  assert.deepEqual([response.status, await response.text(), calls], [401, "body 2", 2]);
});

test("a first 401 whose body cannot be let go holds nobody up", async () => {
  /** @type {((response: Response) => Response)[]} */
  const ways = [
    // Half of a cloned body is let go only when the other half is.
    (response) => {
      response.clone();
      return response;
    },
    (response) =>
      Object.defineProperty(response, "body", { value: { cancel: () => new Promise(() => {}) } }),
    (response) =>
      Object.defineProperty(response, "body", {
        value: {
          cancel() {
            throw new Error("c4nary");
          },
        },
      }),
    (response) =>
      Object.defineProperty(response, "body", { value: { cancel: () => "no promise" } }),
    (response) =>
      Object.defineProperty(response, "body", {
        value: {
          cancel: async () => {
            throw new Error("c4nary");
          },
        },
      }),
    (response) => Object.defineProperty(response, "body", { value: {} }),
  ];
  for (const change of ways) {
    const own = source({
      apiFetch: async (url, init) => change(await fetch(url, init)),
    });
    await refuseKnownTokens(own);
    assert.equal((await own.fetch(api.origin)).status, 200, String(change));
  }
});

test("where no other token is to be had after a 401, the caller is told why", async () => {
  const own = source();
  await refuseKnownTokens(own);
  zitadel.script({ status: 401, body: { error: "invalid_client" } });
  await failure(() => own.fetch(api.origin), "credentials_refused");
  assert.equal(api.requests.length, 1);
});

test("100 calls at once that are answered 401 ask for one token", async () => {
  const own = source();
  await refuseKnownTokens(own);
  zitadel.requests.length = 0;
  const responses = await Promise.all(Array.from({ length: 100 }, () => own.fetch(api.origin)));
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
  assert.deepEqual([zitadel.requests.length, api.requests.length], [1, 200]);
});

test("an API that always answers 401 causes no storm: 1,000 calls, at most 3 tokens", async () => {
  const own = source();
  api.answer = () => ({ status: 401, body: "refused" });
  for (let i = 0; i < 1_000; i += 1) {
    const response = await own.fetch(api.origin);
    assert.deepEqual([response.status, await response.text()], [401, "refused"]);
  }
  assert.ok(zitadel.requests.length <= 3, `${zitadel.requests.length} token requests`);
  assert.ok(api.requests.length <= 1_003, `${api.requests.length} calls of the API`);
});

/**
 * A source of its own.
 *
 * @param {Partial<Options>} [changes]
 */
function source(changes) {
  return freshSource(zitadel, { allowedOrigins: [api.origin], ...changes });
}

/**
 * From now on the API refuses the token that the source has.
 *
 * @param {ReturnType<typeof source>} own
 */
async function refuseKnownTokens(own) {
  const old = await own.authorization();
  api.answer = ({ headers }) =>
    headers.authorization === old ? { status: 401, body: "refused" } : { body: "fine" };
  return old;
}

/** @param {ReadableStream} body */
function streamed(body) {
  return /** @type {RequestInit} */ ({ method: "POST", body, duplex: "half" });
}

/**
 * Every serialisation has a boundary of its own.
 *
 * @param {Recorded} recorded
 */
function withoutBoundary({ headers, body }) {
  const boundary = /boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1];
  return boundary ? body.replaceAll(boundary, "boundary") : body;
}
