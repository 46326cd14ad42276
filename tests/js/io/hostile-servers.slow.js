// @ts-check
// Servers that mean harm, over real connections and by the runtime's own `fetch`: bombs, bodies that
// are slow or never end, lengths that lie, redirects. Each gives its AuthError, in time and in little
// memory, and nobody else is asked.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { tokenSource, tokenVerifier } from "edge-credentials";
import { failure } from "../support/errors.js";
import { close, listen } from "../support/http/listen.js";

const SECRET = "s3cret-of-this-test";
const MIB = 2 ** 20;
/** How much more memory than before a bomb of a GiB may take, bytes. */
const MOST_MEMORY = 400 * MIB;
const TIMEOUT = 1_500;

/** @typedef {(response: import("node:http").ServerResponse) => void} Behaviour */

/** What the server does with whatever it is asked. */
let behave = /** @type {Behaviour} */ (() => {});
/** Whoever is asked beside the server. */
let strayed = 0;
let requests = 0;

const server = createServer((request, response) => {
  requests += 1;
  request.resume();
  response.on("error", () => {});
  behave(response);
});
const stranger = createServer((_, response) => {
  strayed += 1;
  response.end("{}");
});
const [{ origin, port }, { origin: strange }] = [await listen(server), await listen(stranger)];
after(() => Promise.all([close(server), close(stranger)]));

let count = 0;

/** Who asks: each of them anew. @type {Record<string, () => Promise<unknown>>} */
const ASKERS = {
  "a token": () => source({ tokenEndpoint: `${origin}/token` }).get(),
  metadata: () => source({ issuer: origin }).get(),
  "a key set": () => verifier({ jwksUri: `${origin}/keys` }).verify(jwt()),
  "an introspection": () =>
    verifier({
      introspectionEndpoint: `${origin}/introspect`,
      introspection: { clientId: "api", clientSecret: SECRET },
    }).verify(`opaque-token-${count}`),
};

/** @param {object} where */
function source(where) {
  count += 1;
  const client = { clientId: `me-${count}`, clientSecret: SECRET };
  const options = { ...where, ...client, timeout: TIMEOUT, retries: 0 };
  return tokenSource(/** @type {any} */ (options));
}

/** @param {object} where */
function verifier(where) {
  count += 1;
  const options = {
    issuer: origin,
    audience: `api-${count}`,
    timeout: TIMEOUT,
    retries: 0,
    ...where,
  };
  return tokenVerifier(/** @type {any} */ (options));
}

function jwt() {
  const claims = { iss: origin, aud: `api-${count}`, exp: Date.now() / 1000 + 60 };
  const parts = [{ alg: "ES256", kid: "1" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${parts.join(".")}.${"A".repeat(86)}`;
}

/**
 * @param {RegExp} codes
 * @param {number} [longest] ms
 */
async function allFail(codes, longest = 4 * TIMEOUT) {
  for (const [who, ask] of Object.entries(ASKERS)) {
    const started = performance.now();
    const error = await failure(ask);
    const took = performance.now() - started;
    assert.match(error.code, codes, `${who}: ${error.message}`);
    assert.ok(took < longest, `${who} took ${Math.round(took)} ms`);
    assert.ok(!JSON.stringify(error).includes(SECRET), who);
  }
}

const JSON_TYPE = { "content-type": "application/json" };

/** A gigabyte of blanks, of which a reader learns late that they are nothing. */
const member = Buffer.alloc(64 * MIB, " ");
const BOMBS = {
  // A gzip stream may have many members (RFC 1952 section 2.2).
  gzip: Buffer.concat(Array(16).fill(gzipSync(member))),
  br: brotliCompressSync(Buffer.alloc(1024 * MIB, " "), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
  }),
};

for (const [encoding, bytes] of Object.entries(BOMBS)) {
  test(`a bomb of a GiB in ${bytes.length} bytes of ${encoding}`, async () => {
    behave = (response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-encoding": encoding });
      response.end(bytes);
    };
    const before = process.memoryUsage().rss;
    await allFail(/^response_too_large$/);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < MOST_MEMORY, `${Math.round(grown / MIB)} MiB more`);
  });
}

/** @type {Record<string, [behave: Behaviour, codes: RegExp]>} */
const BODIES = {
  "a body that never ends": [
    (response) => {
      response.writeHead(200, JSON_TYPE);
      const chunk = Buffer.alloc(64 * 1024, " ");
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
    /^response_too_large$/,
  ],
  "a byte at a time": [
    (response) => {
      response.writeHead(200, JSON_TYPE);
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    },
    /^timed_out$/,
  ],
  "a header and no body": [
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-length": 100 });
      response.flushHeaders();
    },
    /^timed_out$/,
  ],
  "no answer at all": [() => {}, /^timed_out$/],
  "fewer bytes than announced": [
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-length": 1_000 });
      response.write('{"access_token":"a","token_type":"Bearer"}');
      setTimeout(() => response.destroy(), 20);
    },
    /^network_failed$/,
  ],
  "what was announced ends within the JSON": [
    (response) => raw(response, "content-length: 10", '{"access_token":"a","token_type":"Bearer"}'),
    /^(response_not_json|network_failed)$/,
  ],
  "two lengths": [
    (response) => raw(response, "content-length: 2\r\ncontent-length: 40", "{}"),
    /^(network_failed|member_missing|member_invalid)$/,
  ],
  "a length of less than nothing": [
    (response) => raw(response, "content-length: -1", "{}"),
    /^network_failed$/,
  ],
  "a length without end": [
    (response) => raw(response, `content-length: ${"9".repeat(40)}`, "{}"),
    /^(network_failed|timed_out)$/,
  ],
  "a length and chunks": [
    (response) => raw(response, "content-length: 2\r\ntransfer-encoding: chunked", "5\r\n{}\r\n"),
    /^(network_failed|timed_out|response_not_json|member_missing|member_invalid)$/,
  ],
  "an encoding that it is not in": [
    (response) => response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end("{}"),
    /^network_failed$/,
  ],
};

/**
 * Past what Node's server would set right. @type {(response: any, head: string, body: string) =>
 * void}
 */
function raw(response, head, body) {
  response.socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}\r\n\r\n${body}`,
  );
}

for (const [name, [behaviour, codes]] of Object.entries(BODIES)) {
  test(name, async () => {
    behave = behaviour;
    await allFail(codes);
    server.closeAllConnections();
    // Until the runtime knows that they are closed.
    await wait(100);
  });
}

const STATUSES = [300, 301, 302, 303, 305, 307, 308];
const LOCATIONS = [
  `${strange}/token`,
  strange.replace("http:", ""),
  "/other",
  "",
  `http://me:${SECRET}@127.0.0.1:${port}/`,
  "file:///etc/passwd",
  "javascript:alert(1)",
  undefined,
];

test(`${STATUSES.length * LOCATIONS.length} redirects of whatever is asked: none is followed`, async () => {
  let done = 0;
  for (const status of STATUSES) {
    for (const location of LOCATIONS) {
      behave = (response) =>
        response
          .writeHead(status, location === undefined ? JSON_TYPE : { ...JSON_TYPE, location })
          .end('{"access_token":"a","token_type":"Bearer","keys":[]}');
      for (const [who, ask] of Object.entries(ASKERS)) {
        requests = 0;
        const error = await failure(ask);
        const what = `${who}: ${status} to ${location}: ${error.code}`;
        assert.ok(["endpoint_redirects", "status_unexpected"].includes(error.code), what);
        assert.ok(!JSON.stringify(error).includes(SECRET), what);
        // Metadata are looked for at up to three addresses.
        const isFew = who === "metadata" ? requests >= 1 && requests <= 3 : requests === 1;
        assert.ok(isFew, `${what}: ${requests} requests`);
      }
      done += 1;
    }
  }
  assert.equal(done, 56);
  await wait(50);
  assert.equal(strayed, 0, "a redirect was followed");
});
