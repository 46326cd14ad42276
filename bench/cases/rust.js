// @ts-check
// The crate itself, natively, beside the crates that do the same, by criterion: the benches are in
// bench/rust.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run as runProgram, Stop } from "../../scripts/run.js";
import { digits } from "../report/report.js";

const ABOUT =
  "By criterion, natively, with the profile of `cargo bench` and `lto = true`. Each is " +
  "measured by itself, one after the other, so that what the machine does meanwhile falls on one " +
  "of them: differences of a few percent say nothing. The crate reads no clock and sends " +
  "nothing; `oauth2` sends what it builds,\n" +
  "so that its request alone is one to a closure that has no answer, and what it reads cannot be " +
  "had alone. What it is answered is made outside of what is measured. A JWT is judged without " +
  "its signature, which our crate leaves to its caller: `jsonwebtoken` has a backend here that " +
  "takes every\n" +
  "signature, and checks issuer, audience, `exp` and `nbf` as ours does.";
const FOLDER = "bench/rust";
const MANIFEST = `${FOLDER}/Cargo.toml`;
const FILES = ["Cargo.toml", "benches/token.rs", "benches/jwt.rs"];
const TARGET_FOLDER = "target/bench-rust";
const OURS = "edge-credentials";

/** @typedef {{ what: string; peer?: string; call?: string }} Group `call`: what the peer does */

/**
 * By the name that a group has in the benches.
 *
 * @type {Record<string, Group>}
 */
const GROUPS = {
  "token/build": {
    what: "`build_token_request`",
    peer: "oauth2",
    call: "`exchange_client_credentials`, unanswered",
  },
  "token/parse": {
    what: "`parse_token_response`",
  },
  "token/both": {
    what: "`build_token_request`, `parse_token_response`",
    peer: "oauth2",
    call: "`exchange_client_credentials`",
  },
  "jwt/RS256": {
    what: "`Jwt::require`, `check_claims`, RS256",
    peer: "jsonwebtoken",
    call: "`decode`, RS256",
  },
  "jwt/ES256": {
    what: "`Jwt::require`, `check_claims`, ES256",
    peer: "jsonwebtoken",
    call: "`decode`, ES256",
  },
  "jwt/EdDSA": {
    what: "`Jwt::require`, `check_claims`, EdDSA",
    peer: "jsonwebtoken",
    call: "`decode`, EdDSA",
  },
};

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const missing = FILES.find((file) => !existsSync(join(root, FOLDER, file)));
  if (missing) throw new Stop(`${FOLDER}/${missing} is missing`);
  await runProgram("cargo", ["fmt", "--check", "--manifest-path", MANIFEST]);
  if (isQuick)
    return {
      title: "Natively, in Rust",
      about: "Looked at only: the benches are there, and formatted.",
      tables: [],
    };

  // What an earlier run has left would be read for what is not measured any more.
  rmSync(join(root, TARGET_FOLDER, "criterion"), { recursive: true, force: true });
  const env = { ...process.env, CARGO_TARGET_DIR: join(root, TARGET_FOLDER) };
  const times = ["--warm-up-time", "1", "--measurement-time", "4", "--noplot"];
  await runProgram("cargo", ["bench", "--locked", "--manifest-path", MANIFEST, "--", ...times], {
    env,
    stdout: "return",
  });
  const rows = Object.entries(GROUPS).flatMap(([name, group]) => rowsOf(name, group));
  return {
    title: "Natively, in Rust",
    about: `${ABOUT} ${versions()}`,
    tables: [{ head: ["", "ns, median", "95 % interval", "over the peer"], rows }],
  };
}

/** @type {(name: string, group: Group) => string[][]} */
function rowsOf(name, { what, peer, call }) {
  const ours = medianOf(name, OURS);
  if (!peer) return [[`${OURS} ${what}`, ...cellsOf(ours), ""]];

  const theirs = medianOf(name, peer);
  return [
    [`${OURS} ${what}`, ...cellsOf(ours), digits(ours.median / theirs.median)],
    [`${peer} ${call}`, ...cellsOf(theirs), digits(1)],
  ];
}

/** @param {Estimate} estimate */
function cellsOf({ median, low, high }) {
  return [digits(median), `${digits(low)} to ${digits(high)}`];
}

/** @typedef {{ median: number; low: number; high: number }} Estimate */

/**
 * What criterion has estimated, ns.
 *
 * @type {(group: string, name: string) => Estimate}
 */
function medianOf(group, name) {
  const folder = `${group}/${name}`.replaceAll("/", "_");
  const file = join(root, TARGET_FOLDER, "criterion", folder, "new/estimates.json");
  const { median } = JSON.parse(readFileSync(file, "utf8"));
  return {
    median: median.point_estimate,
    low: median.confidence_interval.lower_bound,
    high: median.confidence_interval.upper_bound,
  };
}

/** Of the peers, which package.json does not have. */
function versions() {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const named = ["oauth2", "jsonwebtoken", "criterion"].map(
    (name) => `${name} ${lock.match(new RegExp(`name = "${name}"\nversion = "(.+)"`))?.[1]}`,
  );
  return `${named.join(", ")}.`;
}
