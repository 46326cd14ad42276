// @ts-check
// What is held, and what is remembered without being held.
import { join } from "node:path";
import { execaNode } from "execa";
import { root, Stop } from "../../scripts/run.js";
import { digits } from "../report/report.js";

/** @typedef {{ bytes: number; wasm: { before: number; after: number }; kept?: number }} Found */

const NAMES = {
  held: "edge-credentials: token sources that are held, each with its token",
  peer: "@badgateway/oauth2-client: `OAuth2Fetch` that are held, each with its token",
  dropped: "edge-credentials: token sources that nobody holds",
  jwts: "edge-credentials: JWTs that one verifier was given",
  introspected: "edge-credentials: opaque tokens that one verifier was given, and asked about",
};
/** @typedef {keyof typeof NAMES} What */
/**
 * What is bounded by us.
 *
 * @type {What[]}
 */
const BOUNDED = ["dropped", "jwts", "introspected"];
/** How much more ten times as many may take: what a collector leaves is never the same. */
const SLACK = 1.25;

const ABOUT =
  "Heap and buffers after garbage collection, of a process of its own each: with all of them, " +
  "less what there was with fifty. Tokens are as long as ZITADEL's and all different.\n" +
  "A registry remembers 1,000 sources, so that equal options give the same one; a verifier " +
  "remembers 10,000 tokens or 8 MiB, as it estimates them, of each kind. jose and oauth4webapi " +
  "remember no tokens: there is nothing to measure.";
const NOTE =
  "A source is made of options that it has checked, a state for the reducer, closures for its " +
  "four methods, the token, and two promises that are given out. The peer's is an object with a " +
  "token.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const [few, many] = isQuick ? [50, 100] : [10_000, 100_000];
  const found = /** @type {Record<What, [Found, Found]>} */ ({});
  // Two at once: bytes, unlike times, are the same on a busy machine.
  for (const what of /** @type {What[]} */ (Object.keys(NAMES)))
    found[what] = await Promise.all([measured(what, few), measured(what, many)]);

  const grown = Object.values(found)
    .flat()
    .filter(({ wasm }) => wasm.before !== wasm.after);
  const growth = BOUNDED.map((what) => found[what][1].bytes / found[what][0].bytes);
  const megabytes = (/** @type {number} */ bytes) => digits(bytes / 1e6);
  const rows = Object.entries(NAMES).map(([what, name]) => {
    const [a, b] = found[/** @type {What} */ (what)];
    return [
      name,
      megabytes(a.bytes),
      String(Math.round(a.bytes / few)),
      megabytes(b.bytes),
      String(Math.round(b.bytes / many)),
    ];
  });
  const count = (/** @type {number} */ number) => number.toLocaleString("en");
  const { after } = found.jwts[1].wasm;
  const [known, knownOfMany] = found.introspected.map(({ kept }) => count(kept ?? 0));
  return {
    title: "Memory",
    about: ABOUT,
    tables: [
      { head: ["", `MB, ${count(few)}`, "bytes each", `MB, ${count(many)}`, "bytes each"], rows },
    ],
    targets: [
      {
        what: "memory of ten times as many that nobody holds",
        measured: `${growth.map(digits).join(", ")} times`,
        target: `≤ ${SLACK} times`,
        met: growth.every((times) => times <= SLACK),
      },
      {
        what: "memory of the WebAssembly instance",
        measured: `${after / 2 ** 16} pages of 64 KiB in the end`,
        target: "does not grow",
        met: grown.length === 0,
      },
    ],
    note:
      `${NOTE} Of the opaque tokens ${known} were known in the end of ${count(few)}, ` +
      `and ${knownOfMany} of ${count(many)}.`,
  };
}

/** @type {(what: What, count: number) => Promise<Found>} */
async function measured(what, count) {
  const { failed, exitCode, signal, stdout } = await execaNode(
    join(root, "bench/memory/child.js"),
    [what, String(count)],
    { nodeOptions: ["--expose-gc"], stdin: "ignore", stderr: "inherit", reject: false },
  );
  if (failed)
    throw new Stop(
      `the memory of ${count} ${what} could not be measured: ` +
        `the process ended with ${exitCode ?? signal}`,
    );
  return JSON.parse(stdout);
}
