// @ts-check
// Addresses that are accepted, against the parser that `fetch` uses: both must see the same host, or `fetch` could send
// elsewhere than was checked.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError, buildMetadataRequest } from "edge-credentials";

const SCHEMES = ["https://", "http://", "HTTPS://", "https:/", "https:\\\\", "ftp://", ""];
const PIECES = ["a", "Z", "0", "7", "127", "0x7f", "localhost", "example", "xn--", ".", "-", "_", ":", "@", "/", "\\", "?", "#", "%2e", "[::1]", "[", "]", " ", "\t", "\n", "é", "。", "'", "&", "8080", "255", "1"];

test("no accepted address has a host that fetch reads differently", () => {
  const random = generator(20261123);
  let accepted = 0;
  for (let i = 0; i < 200_000; i++) {
    const pieces = Array.from({ length: 1 + (random() % 7) }, () => PIECES[random() % PIECES.length]);
    const issuer = SCHEMES[random() % SCHEMES.length] + pieces.join("");
    if (!accepts(issuer) || !URL.canParse(issuer)) continue;
    accepted += 1;
    const { protocol, hostname, host, username, password, hash } = new URL(issuer);
    const [, authority] = /** @type {RegExpExecArray} */ (/^[a-z]+:\/\/([^/?]*)/i.exec(issuer));
    const written = authority.toLowerCase().replace(/:0*(\d+)$/, (_, port) => (port === defaultPort(protocol) ? "" : `:${port}`)).replace(/:$/, "");
    assert.equal(host, written, JSON.stringify(issuer));
    assert.equal(username + password + hash, "", JSON.stringify(issuer));
    if (protocol === "http:") assert.match(hostname, /^(127\.\d+\.\d+\.\d+|\[::1\]|(.+\.)?localhost)$/, JSON.stringify(issuer));
    else assert.equal(protocol, "https:");
  }
  assert.ok(accepted > 1000, `only ${accepted} were accepted`);
});

/** @param {string} issuer */
function accepts(issuer) {
  try {
    buildMetadataRequest({ issuer });
    return true;
  } catch (error) {
    if (error instanceof AuthError && error.class === "misuse") return false;
    throw error;
  }
}

/** @param {string} protocol */
function defaultPort(protocol) {
  return protocol === "https:" ? "443" : "80";
}

/** Numbers that are the same in every run (a linear congruence). @param {number} state */
function generator(state) {
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
