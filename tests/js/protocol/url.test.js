// @ts-check
// Addresses that are accepted, against the parser that `fetch` uses: both must see the same host,
// or `fetch` could send elsewhere than was checked.
import assert from "node:assert/strict";
import test from "node:test";
import {
  AuthError,
  buildIntrospectionRequest,
  buildMetadataRequest,
  buildRevocationRequest,
  buildTokenRequest,
  parseMetadataResponse,
  tokenSource,
  tokenVerifier,
} from "edge-credentials";
import { failure } from "../support/errors.js";

// Most of 140,000 made-up addresses are refused; to write stacks would take most of the time.
Error.stackTraceLimit = 0;

const SCHEMES = ["https://", "http://", "HTTPS://", "https:/", "https:\\\\", "ftp://", ""];
const PIECES = [
  "a",
  "Z",
  "0",
  "7",
  "127",
  "0x7f",
  "localhost",
  "example",
  "xn--",
  ".",
  "-",
  "_",
  ":",
  "@",
  "/",
  "\\",
  "?",
  "#",
  "%2e",
  "[::1]",
  "[",
  "]",
  "::",
  "1:",
  "[::",
  "1]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:1.2.3.4]",
  "xn--a",
  "xn--mnchen-3ya",
  ".xn--",
  " ",
  "\t",
  "\n",
  "é",
  "。",
  "'",
  "&",
  "8080",
  "255",
  "1",
];

test("no accepted address has a host that fetch reads differently", () => {
  const random = generator(20261123);
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    const pieces = Array.from(
      { length: 1 + (random() % 7) },
      () => PIECES[random() % PIECES.length],
    );
    const issuer = SCHEMES[random() % SCHEMES.length] + pieces.join("");
    if (!accepts(issuer)) continue;
    accepted += 1;
    assert.ok(URL.canParse(issuer), JSON.stringify(issuer));
    const { protocol, hostname, host, username, password, hash } = new URL(issuer);
    const [, authority] = /** @type {RegExpExecArray} */ (/^[a-z]+:\/\/([^/?]*)/i.exec(issuer));
    const written = authority.endsWith("]")
      ? authority.toLowerCase()
      : withShortPort(authority.toLowerCase(), defaultPort(protocol));
    // Of an IPv6 address the parser gives the short form.
    if (written.startsWith("["))
      assert.equal(host.replace(/^.*]/, ""), written.replace(/^.*]/, ""), JSON.stringify(issuer));
    else assert.equal(host, written, JSON.stringify(issuer));
    assert.equal(username + password + hash, "", JSON.stringify(issuer));
    if (protocol === "http:")
      assert.match(
        hostname,
        /^(127\.\d+\.\d+\.\d+|\[::1\]|(.+\.)?localhost)$/,
        JSON.stringify(issuer),
      );
    else assert.equal(protocol, "https:");
  }
  assert.ok(accepted > 1000, `only ${accepted} were accepted`);
});

test("IPv6 addresses are taken where the runtime takes them, and ::1 is loopback however it is written", () => {
  const random = generator(7);
  const groups = [
    "0",
    "1",
    "00",
    "0001",
    "ffff",
    "12345",
    "g",
    "",
    "1.2.3.4",
    "0.0.0.1",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    ":",
  ];
  let accepted = 0;
  for (let i = 0; i < 20_000; i++) {
    const address = Array.from(
      { length: 1 + (random() % 9) },
      () => groups[random() % (i % 2 ? 4 : groups.length)],
    ).join(":");
    const issuer = `${random() % 2 ? "https" : "http"}://[${address}]`;
    const runtime = URL.canParse(issuer) ? new URL(issuer) : undefined;
    const expected =
      runtime !== undefined && (runtime.protocol === "https:" || runtime.hostname === "[::1]");
    assert.equal(accepts(issuer), expected, issuer);
    if (expected) accepted += 1;
  }
  assert.ok(accepted > 100, `only ${accepted} were accepted`);
});

/** Addresses that the core's own rule once took, or takes, and the runtime does not read. */
const UNREADABLE = [
  "https://[]",
  "https://[1:2]",
  "https://[::1::]",
  "https://[1.2.3.4]/x",
  "https://a.xn--pokxncvks",
  "https://xn--/x",
  "https://XN--99999999.example:8443",
];

test("an address that the runtime cannot read is no option", async () => {
  const client = { clientId: "id", clientSecret: "s3cret" };
  const good = "https://idp.example";
  for (const address of UNREADABLE) {
    assert.ok(!URL.canParse(address), address);
    for (const make of [
      () => buildTokenRequest({ tokenEndpoint: address, ...client }),
      () => buildMetadataRequest({ issuer: address }),
      () =>
        buildMetadataRequest({
          issuer: address,
          wellKnown: "oauth-authorization-server",
          insecureHttp: true,
        }),
      () => buildRevocationRequest({ revocationEndpoint: address, token: "t", ...client }),
      () => buildIntrospectionRequest({ introspectionEndpoint: address, token: "t", ...client }),
      () =>
        parseMetadataResponse(
          { status: 200, body: JSON.stringify({ issuer: address }) },
          { issuer: address },
        ),
      () => tokenSource({ issuer: address, ...client }),
      () => tokenSource({ tokenEndpoint: address, ...client }),
      () => tokenSource({ issuer: good, allowedOrigins: [address], ...client }),
      () => tokenSource({ accessToken: "t", allowedOrigins: [address] }),
      () => tokenVerifier({ issuer: address, audience: "a" }),
      () => tokenVerifier({ issuer: good, audience: "a", jwksUri: address }),
      () =>
        tokenVerifier({
          issuer: good,
          audience: "a",
          introspection: client,
          introspectionEndpoint: address,
        }),
    ]) {
      const { message } = await failure(make, "option_invalid");
      assert.match(
        message,
        / has (no plain host name|a host name that the runtime does not read)$/,
      );
    }
  }
  assert.equal(
    buildTokenRequest({ tokenEndpoint: "https://XN--mnchen-3ya.example:0443/t", ...client }).url,
    "https://XN--mnchen-3ya.example:0443/t",
  );
});

const ENDPOINTS = ["token_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri"];

test("an endpoint that the runtime cannot read is the server's fault, wherever its metadata are read", async () => {
  const issuer = "https://idp.example";
  const good = Object.fromEntries(ENDPOINTS.map((name) => [name, `${issuer}/${name}`]));
  for (const address of [
    ...UNREADABLE,
    "https://",
    "https://a b",
    "https:/x",
    "blob:https://idp.example/x",
    "javascript:1",
  ]) {
    for (const name of ENDPOINTS) {
      const body = JSON.stringify({ issuer, ...good, [name]: address });
      // Nobody may need it.
      const metadata = Object.values(parseMetadataResponse({ status: 200, body }, { issuer }));
      assert.equal(metadata.filter((value) => value === null).length, 2);
      const fetch = async () =>
        new Response(body, { headers: { "content-type": "application/json" } });
      const source = tokenSource({ issuer, clientId: "id", clientSecret: "x", fetch });
      if (name !== "token_endpoint") {
        // Asked for a token, the server answers with metadata.
        await failure(source.get, "member_missing");
        continue;
      }
      const error = await failure(source.get, "member_invalid");
      assert.deepEqual(
        [error.category, error.message],
        ["malformed", "the metadata's `token_endpoint` is no https address"],
      );
    }
  }
  const read = parseMetadataResponse(
    {
      status: 200,
      body: JSON.stringify({ issuer, ...good, jwks_uri: "https://[2001:DB8::1]:443/keys" }),
    },
    { issuer },
  );
  assert.deepEqual(
    [read.jwksUri, read.tokenEndpoint, read.revocationEndpoint],
    ["https://[2001:DB8::1]:443/keys", good.token_endpoint, good.revocation_endpoint],
  );
});

test("whatever a server names as its endpoints, it is never a bug of ours", async () => {
  const random = generator(16);
  const issuer = "https://idp.example";
  let read = 0;
  for (let i = 0; i < 20_000; i++) {
    const address =
      SCHEMES[random() % SCHEMES.length] +
      Array.from({ length: 1 + (random() % 6) }, () => PIECES[random() % PIECES.length]).join("");
    const body = JSON.stringify({ issuer, [ENDPOINTS[random() % ENDPOINTS.length]]: address });
    const { tokenEndpoint, jwksUri, revocationEndpoint, introspectionEndpoint } =
      parseMetadataResponse({ status: 200, body }, { issuer });
    const endpoint = tokenEndpoint ?? jwksUri ?? revocationEndpoint ?? introspectionEndpoint;
    if (endpoint === null) continue;
    assert.ok(URL.canParse(endpoint), address);
    read += 1;
  }
  assert.ok(read > 100, `only ${read} were read`);
});

/** @param {string} issuer */
function accepts(issuer) {
  try {
    buildMetadataRequest({ issuer });
    return true;
  } catch (error) {
    if (error instanceof AuthError && error.category === "misuse") return false;
    throw error;
  }
}

/** @param {string} protocol */
function defaultPort(protocol) {
  return protocol === "https:" ? "443" : "80";
}

/**
 * The port without leading zeros, and none where it is the default.
 *
 * @param {string} authority
 * @param {string} defaultPort
 */
function withShortPort(authority, defaultPort) {
  return authority.replace(/:0*(\d+)$/, (_, port) => (port === defaultPort ? "" : `:${port}`));
}

/**
 * Numbers that are the same in every run (a linear congruence).
 *
 * @param {number} state
 */
function generator(state) {
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
