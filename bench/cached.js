// @ts-check
// What asking for a token costs while one is kept, against a package that keeps tokens too. Rounds are interleaved, so that whatever
// else the machine does falls on all alike.
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { tokenSource } from "edge-credentials";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root, runIfMain, Stop } from "../scripts/run.js";

const ROUNDS = 21;
const WARM_UP = 3;
const CALLS = 300_000;
/** Our time over the peer's, at most. */
const TARGET = 0.5;
const PEER = "@badgateway/oauth2-client";

const client = { clientId: "service", clientSecret: "secret", tokenEndpoint: "https://idp.example/token" };
const [ourServer, peerServer] = [server(), server()];

const source = tokenSource({ ...client, fetch: ourServer.fetch });
const peerClient = new OAuth2Client({ ...client, fetch: peerServer.fetch });
const peer = new OAuth2Fetch({ client: peerClient, getNewToken: async () => peerClient.clientCredentials() });
const kept = Promise.resolve("a token");
/** Outside of its loop, so that no compiler drops it. */
export let now = 0;

/** A loop each: calls made through one shared loop would not be compiled for what they call. The last two are
 * what remains of a call that does nothing but look whether its token is fresh. */
const paths = {
  peer: { name: `${PEER}: await oauth2Fetch.getToken()`, run: async () => { for (let i = 0; i < CALLS; i++) await peer.getToken(); } },
  get: { name: "edge-credentials: await source.get()", run: async () => { for (let i = 0; i < CALLS; i++) await source.get(); } },
  authorization: { name: "edge-credentials: await source.authorization()", run: async () => { for (let i = 0; i < CALLS; i++) await source.authorization(); } },
  clock: { name: "Date.now() and await of a constant promise", run: async () => { for (let i = 0; i < CALLS; i++) { now = Date.now(); await kept; } } },
  floor: { name: "await of a constant promise", run: async () => { for (let i = 0; i < CALLS; i++) await kept; } },
};
/** @typedef {keyof typeof paths} Path */
const order = /** @type {Path[]} */ (Object.keys(paths));

async function main() {
  const tokens = [(await source.get()).accessToken, (await source.authorization()).replace("Bearer ", ""), (await peer.getToken()).accessToken];
  if (tokens.some((token) => token !== "a-token")) throw new Stop(`the stub's token did not arrive: ${tokens}`);

  /** @type {Record<Path, number>[]} */
  const rounds = [];
  for (let i = -WARM_UP; i < ROUNDS; i++) {
    const round = await measure(i + WARM_UP);
    if (i >= 0) rounds.push(round);
  }
  const asked = [ourServer.asked(), peerServer.asked()];
  if (asked.some((times) => times !== 1)) throw new Stop(`not only kept tokens were measured: the servers were asked ${asked} times`);
  print(rounds);
}

/** Each round starts with another path, so that none always follows the same one. @param {number} first */
async function measure(first) {
  const times = /** @type {Record<Path, number>} */ ({});
  for (let i = 0; i < order.length; i++) {
    const path = order[(first + i) % order.length];
    const started = process.hrtime.bigint();
    await paths[path].run();
    times[path] = Number(process.hrtime.bigint() - started) / CALLS;
  }
  return times;
}

/** @param {Record<Path, number>[]} rounds ns for each call */
function print(rounds) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const peerVersion = JSON.parse(readFileSync(join(root, "node_modules", PEER, "package.json"), "utf8")).version;
  console.log(`${cpus()[0].model}, ${cpus().length} cores, ${process.platform} ${process.arch}; Node ${process.versions.node}, V8 ${process.versions.v8}`);
  console.log(`edge-credentials ${version}, ${PEER} ${peerVersion}; ${ROUNDS} interleaved rounds of ${CALLS.toLocaleString("en")} calls each\n`);

  const peerName = paths.peer.name.length;
  console.log("ns per call".padEnd(peerName) + row(["median", "fastest", "slowest"]));
  for (const path of order) console.log(paths[path].name.padEnd(peerName) + row(spread(rounds.map((round) => round[path])).map((ns) => ns.toFixed(1))));

  console.log("\n" + "time over the peer's, by round".padEnd(peerName) + row(["median", "lowest", "highest"]));
  for (const path of /** @type {const} */ (["get", "authorization"])) {
    const ratios = spread(rounds.map((round) => round[path] / round.peer));
    const verdict = ratios[0] <= TARGET ? "met" : "missed";
    console.log(paths[path].name.padEnd(peerName) + row(ratios.map((ratio) => ratio.toFixed(3))) + `   at most ${TARGET}: ${verdict}`);
  }

  // Whoever gives out no token that has ended looks at the clock, and whoever asks awaits.
  console.log("\n" + "time over that of clock and await, by round".padEnd(peerName) + row(["median", "lowest", "highest"]));
  for (const path of /** @type {const} */ (["get", "authorization", "peer"])) {
    const ratios = spread(rounds.map((round) => round[path] / round.clock));
    console.log(paths[path].name.padEnd(peerName) + row(ratios.map((ratio) => ratio.toFixed(3))));
  }
}

/** @param {number[]} values @returns {number[]} median, lowest, highest */
function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[sorted.length >> 1], sorted[0], sorted[sorted.length - 1]];
}

/** @param {string[]} cells */
function row(cells) {
  return cells.map((cell) => cell.padStart(10)).join("");
}

/** A token endpoint whose tokens live for twelve hours, as ZITADEL's do. */
function server() {
  let asked = 0;
  const answer = { access_token: "a-token", token_type: "Bearer", expires_in: 12 * 3600 };
  return { asked: () => asked, fetch: async () => (asked += 1, Response.json(answer)) };
}

runIfMain(import.meta, main);
