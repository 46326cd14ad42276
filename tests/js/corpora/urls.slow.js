// @ts-check
// The WHATWG's addresses (urltestdata, toascii, IdnaTestV2): what is taken, the runtime reads, and
// reads with the host that was checked.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { AuthError, buildMetadataRequest, buildTokenRequest } from "edge-credentials";
import { crateFolder, readJson } from "./crates.js";

Error.stackTraceLimit = 0;

const DATA = join(crateFolder("ada-url"), "tests/wpt");

/** @type {{ input: string; failure?: true; host?: string; username?: string }[]} */
const ADDRESSES = readJson(DATA, "urltestdata.json").filter(isCase);
/** @type {{ input: string; output: string | null }[]} */
const NAMES = [
  ...readJson(DATA, "toascii.json").filter(isCase),
  ...readJson(DATA, "IdnaTestV2.json").filter(isCase),
];

/** Comments stand between the cases. @param {unknown} value */
function isCase(value) {
  return typeof value === "object";
}

/** @type {(address: string, insecureHttp?: boolean) => boolean} */
function isTaken(address, insecureHttp = true) {
  const client = { clientId: "a", clientSecret: "b", insecureHttp };
  const outcomes = [
    () => buildMetadataRequest({ issuer: address, insecureHttp }),
    () => buildTokenRequest({ tokenEndpoint: address, ...client }),
  ].map((run) => {
    try {
      return run().url !== "";
    } catch (error) {
      assert.ok(error instanceof AuthError, String(error));
      assert.match(error.code, /^(option_invalid|url_insecure)$/);
      return false;
    }
  });
  // An issuer has no query: an endpoint may.
  assert.ok(outcomes[1] || !outcomes[0], address);
  return outcomes[1];
}

/** @param {string} address */
function checkTaken(address) {
  assert.ok(URL.canParse(address), JSON.stringify(address));
  const { host, protocol, username, password, hash } = new URL(address);
  const [, authority] = /** @type {RegExpExecArray} */ (/^[a-z]+:\/\/([^/?]*)/i.exec(address));
  const port = protocol === "https:" ? /:0*443$|:$/ : /:0*80$|:$/;
  const written = authority
    .toLowerCase()
    .replace(port, "")
    .replace(/:0+(?=\d)/, ":");
  if (host.startsWith("[")) assert.ok(written.startsWith("["), JSON.stringify(address));
  else assert.equal(host, written, JSON.stringify(address));
  assert.equal(username + password + hash, "", JSON.stringify(address));
  return host;
}

test("urltestdata: what is taken has the host that the standard says", () => {
  assert.ok(ADDRESSES.length > 800, `${ADDRESSES.length} addresses`);
  let taken = 0;
  for (const { input, failure, host } of ADDRESSES) {
    if (!isTaken(input)) continue;
    taken += 1;
    assert.ok(!failure, JSON.stringify(input));
    assert.equal(checkTaken(input), host, JSON.stringify(input));
  }
  assert.ok(taken > 30, `${taken} are taken`);
});

test("toascii and IdnaTestV2: a name that is taken is the name it was, and no name fails to be read", () => {
  assert.ok(NAMES.length > 2_500, `${NAMES.length} names`);
  let taken = 0;
  for (const { input, output } of NAMES)
    for (const address of [`https://${input}/x`, `https://${input}:8443/`, `http://${input}`]) {
      if (!isTaken(address)) continue;
      taken += 1;
      const host = checkTaken(address).replace(/:\d+$/, "");
      // What ends in a number is an IPv4 address, of which these files know nothing.
      if (output !== null && !/(^|\.)\d+\.?$/.test(host))
        assert.equal(host, output, JSON.stringify(address));
    }
  assert.ok(taken > 100, `${taken} are taken`);
});

test("http is for loopback, however it is written", () => {
  for (const { input } of ADDRESSES) {
    if (!isTaken(input, false)) continue;
    const { protocol, hostname } = new URL(input);
    const isLoopback = /^(127\.\d+\.\d+\.\d+|\[::1\]|(.+\.)?localhost)$/.test(hostname);
    assert.ok(protocol === "https:" || isLoopback, JSON.stringify(input));
  }
});
