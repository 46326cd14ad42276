// @ts-check
// What a load may cost, by counts: bytes that stay, requests, the ratio of two loads. No times, which
// another machine would not keep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collectGarbage = runInNewContext("gc");

/** Of each instance of the module. @type {WebAssembly.Memory[]} */
const memories = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, args) {
    const instance = Reflect.construct(Instance, args);
    memories.push(instance.exports.memory);
    return instance;
  },
});

const ec = await import("edge-credentials");
const { base64url, jwt, makeKey } = await import("../support/keys/jwt.js");
const { randomFrom, START } = await import("../support/random.js");

const MIB = 2 ** 20;
const ISSUER = "https://idp.example";
/** What an instance of the module may keep, bytes (pkg/src/core/wasm.ts). */
const MODULE_MEMORY = 8 * MIB;

const key = makeKey("EdDSA", "1");
const random = randomFrom(START);

/** @param {Record<string, unknown>} [changes] */
function claims(changes) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return { iss: ISSUER, aud: "api", sub: "1", scope: "read", exp, ...changes };
}

/** A verifier, and how often its issuer was asked for keys. */
function verifierOf() {
  const asked = { keys: 0 };
  const verifier = ec.tokenVerifier({
    issuer: ISSUER,
    audience: "api",
    jwksUri: `${ISSUER}/keys`,
    fetch: async () => {
      asked.keys += 1;
      return Response.json({ keys: [key.jwk] });
    },
  });
  return { verifier, asked };
}

/** Bytes that are still in use. What is dropped late is dropped first. */
async function bytesInUse() {
  for (let n = 0; n < 4; n += 1) {
    await new Promise((done) => setTimeout(done, 20));
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * How many bytes stay after a load. It runs once before, since caches may fill.
 *
 * @param {(round: number) => Promise<void>} load
 */
async function bytesThatStay(load) {
  await load(0);
  const before = await bytesInUse();
  await load(1);
  return (await bytesInUse()) - before;
}

/** @type {(bytes: number, most: number) => void} */
function assertBytes(bytes, most) {
  assert.ok(bytes < most * MIB, `${(bytes / MIB).toFixed(1)} MiB stay`);
}

test("10^6 verifications of 2,000 tokens: nothing stays", async () => {
  const { verifier, asked } = verifierOf();
  const tokens = Array.from({ length: 2_000 }, (_, n) => jwt(key, claims({ jti: n })));
  const stay = await bytesThatStay(async () => {
    for (let n = 0; n < 500_000; n += 1) await verifier.verify(tokens[n % tokens.length]);
  });
  assertBytes(stay, 4);
  assert.equal(asked.keys, 1);
});

test("10^5 forged tokens, no two alike: nothing stays, and the issuer is hardly asked", async () => {
  const { verifier, asked } = verifierOf();
  const good = jwt(key, claims()).split(".").slice(0, 2).join(".");
  const stay = await bytesThatStay(async () => {
    for (let n = 0; n < 50_000; n += 1) {
      const forged =
        n % 2 === 0
          ? `${good}.${base64url(random.bytes(64))}`
          : `${base64url(`{"alg":"EdDSA","kid":"${random.below(1e9)}"}`)}.${good.split(".")[1]}.${"A".repeat(86)}`;
      await verifier.verify(forged).then(
        () => assert.fail("a forged token was taken"),
        () => {},
      );
    }
  });
  assertBytes(stay, 8);
  assert.ok(asked.keys <= 4, `${asked.keys} requests for keys`);
});

test("6 * 10^4 sources and as many verifiers: 1,000 of each stay at most", async () => {
  const stay = await bytesThatStay(async (round) => {
    for (let n = 0; n < 30_000; n += 1) {
      const clientId = `client-${round}-${n}`;
      ec.tokenSource({ tokenEndpoint: `${ISSUER}/token`, clientId, clientSecret: "secret" });
      ec.tokenVerifier({ issuer: ISSUER, audience: clientId, fetch });
    }
  });
  assertBytes(stay, 8);
});

test("floods: callers share a request, whatever comes of it", async () => {
  // How many requests a flight makes at most; the next one begins a second later at the earliest.
  for (const [status, aFlight] of [
    [200, 1],
    [500, 3],
    [401, 2],
  ]) {
    const started = Date.now();
    let requests = 0;
    const source = ec.tokenSource({
      tokenEndpoint: `${ISSUER}/token`,
      clientId: `flood-${status}`,
      clientSecret: "secret",
      fetch: async () => {
        requests += 1;
        return Response.json(
          status === 200
            ? { access_token: "a", token_type: "Bearer", expires_in: 3600 }
            : { error: "invalid_client" },
          { status },
        );
      },
    });
    let given = 0;
    for (let wave = 0; wave < 20; wave += 1) {
      const calls = Array.from({ length: 500 }, () => source.get());
      const outcomes = await Promise.allSettled(calls);
      given += outcomes.filter((outcome) => outcome.status === "fulfilled").length;
    }
    assert.equal(given, status === 200 ? 10_000 : 0);
    const flights = status === 200 ? 1 : 1 + Math.floor((Date.now() - started) / 1000);
    assert.ok(
      requests >= 1 && requests <= aFlight * flights,
      `${requests} requests for 10,000 calls, answered by ${status}`,
    );
  }
});

test("hostile answers of every kind: the module's memory is given back", async () => {
  const bodies = [
    `{${Array.from({ length: 90_000 }, (_, n) => `"${n}":{}`).join()}}`,
    "[".repeat(250_000),
    `{"access_token":"${"a".repeat(250_000)}","token_type":"Bearer"}`,
    `{"keys":[${Array(25_000).fill('{"kty":"RSA","n":"AQAB","e":"AQAB"}').join()}]}`,
    `{"issuer":"${ISSUER}","x":"${"\\u0001".repeat(160_000)}"}`,
    `{"active":true,"aud":[${Array(250_000).fill('"a"').join()}]}`,
    "\ud800".repeat(200_000),
  ];
  for (let n = 0; n < 150; n += 1) {
    const response = { status: random.of([200, 400, 500]), body: random.of(bodies) };
    for (const parse of [
      () => ec.parseTokenResponse(response, { requestedAt: 0 }),
      () => ec.parseMetadataResponse(response, { issuer: ISSUER }),
      () => ec.parseIntrospectionResponse(response),
    ])
      try {
        parse();
      } catch (error) {
        assert.ok(error instanceof ec.AuthError, String(error));
        assert.notEqual(error.code, "internal");
      }
  }
  const sizes = memories.map(({ buffer }) => buffer.byteLength);
  assert.ok(Math.max(...sizes) > MODULE_MEMORY, "no answer was hostile enough");
  const [size] = sizes.slice(-1);
  assert.ok(size <= MODULE_MEMORY, `${size} bytes`);
});

test("a forged token costs no more CPU than a good one", async () => {
  const count = 3_000;
  const { verifier } = verifierOf();
  await verifier.verify(jwt(key, claims()));
  const good = Array.from({ length: count }, (_, n) => jwt(key, claims({ jti: `good-${n}` })));
  const forged = good.map((token) => {
    const [head, body] = token.split(".");
    return `${head}.${body}.${base64url(random.bytes(64))}`;
  });
  /** @type {(tokens: string[], expected: string) => Promise<number>} */
  const cost = async (tokens, expected) => {
    const before = process.cpuUsage();
    for (const token of tokens) {
      const outcome = await verifier.verify(token).then(
        () => "taken",
        (error) => error.code,
      );
      assert.equal(outcome, expected);
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  await cost(forged.slice(0, 500), "token_invalid");
  const ratio = (await cost(forged, "token_invalid")) / (await cost(good, "taken"));
  console.log(`a forged token costs ${ratio.toFixed(2)} of a good one`);
  assert.ok(ratio < 2, `${ratio}`);
});
