// @ts-check
// What asking for a token costs while one is kept.
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { tokenSource } from "edge-credentials";
import { Stop } from "../../scripts/run.js";
import { interleave, ratios } from "../support/measure.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { CLIENT, ENDPOINT, TOKEN, tokenEndpoint } from "../support/stub.js";

/** The time of `get()` over that of a clock and an `await`, at most. */
const TARGET = 1.05;
const ABOUT =
  '`await` of a kept token, in a loop of its own. "Clock and await" is what remains of a call ' +
  "that does nothing but look whether its token is fresh:\n" +
  "whoever gives out no token that has ended looks at the clock, and whoever asks awaits.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const ourServer = tokenEndpoint();
  const peerServer = tokenEndpoint();
  const source = tokenSource({ ...CLIENT, tokenEndpoint: ENDPOINT, fetch: ourServer.fetch });
  const peerClient = new OAuth2Client({
    ...CLIENT,
    tokenEndpoint: ENDPOINT,
    fetch: peerServer.fetch,
  });
  const peer = new OAuth2Fetch({
    client: peerClient,
    getNewToken: async () => peerClient.clientCredentials(),
  });
  const kept = Promise.resolve("a token");

  const tokens = [
    (await source.get()).accessToken,
    (await source.authorization()).replace("Bearer ", ""),
    (await peer.getToken()).accessToken,
  ];
  if (tokens.some((token) => token !== TOKEN))
    throw new Stop(`the stub's token did not arrive: ${tokens}`);

  /** Outside of its loop, so that no compiler drops it. */
  let now = 0;
  const times = await interleave(
    {
      peer: async (calls) => {
        for (let i = 0; i < calls; i++) await peer.getToken();
      },
      get: async (calls) => {
        for (let i = 0; i < calls; i++) await source.get();
      },
      authorization: async (calls) => {
        for (let i = 0; i < calls; i++) await source.authorization();
      },
      clock: async (calls) => {
        for (let i = 0; i < calls; i++) {
          now = Date.now();
          await kept;
        }
        return now;
      },
      floor: async (calls) => {
        for (let i = 0; i < calls; i++) await kept;
      },
    },
    isQuick ? { rounds: 3, warmUp: 1, calls: 1_000 } : { rounds: 21, warmUp: 3, calls: 300_000 },
  );
  const asked = [ourServer.asked(), peerServer.asked()];
  if (asked.some((count) => count !== 1))
    throw new Stop(`not only kept tokens were measured: the servers were asked ${asked} times`);

  return {
    title: "A kept token",
    about: ABOUT,
    tables: [
      timesTable(times, {
        unit: "ns",
        names: {
          get: "edge-credentials `source.get()`",
          authorization: "edge-credentials `source.authorization()`",
          peer: "@badgateway/oauth2-client `oauth2Fetch.getToken()`",
          clock: "clock and await",
          floor: "await alone",
        },
        over: { "over the peer": "peer", "over clock and await": "clock" },
      }),
    ],
    targets: [
      ratioTarget(
        "kept token, `get()` over clock and await",
        ratios(times.get, times.clock),
        TARGET,
      ),
    ],
  };
}
