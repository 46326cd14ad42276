// @ts-check
// What a client adds to asking for a token: its request is built, the stub answers, the answer is
// read.
import { Stop } from "../../scripts/run.js";
import * as clients from "../support/clients.js";
import { callsOf, interleave, minus, ratios } from "../support/measure.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { ENDPOINT, tokenEndpoint } from "../support/stub.js";

/** Our overhead over oauth4webapi's, at most. */
const TARGETS = { pair: 0.9, fresh: 1.8 };
const ABOUT =
  "A token each time: the request is built, a `fetch` that is a function answers with a new " +
  "`Response`, and that is read. Subtracted, round by round, is what the stub takes alone,\n" +
  "its answer read by `text()` from ours and by `json()` from the others, which is in their " +
  "favour. All send the same, but @azure/msal-node the secret in the body and none of OpenID's " +
  "scopes; it is told the metadata\n" +
  "and `skipCache`, and has a `networkClient` that calls the stub. A fresh source is " +
  "`tokenSource` and its first `get()`, all that a Worker's first request has to do; the " +
  "others' clients are made once.";
const NAMES = {
  pair: "edge-credentials `buildTokenRequest`, `parseTokenResponse`",
  fresh: "edge-credentials, a fresh `tokenSource` and `get()`",
  oauth4webapi: "oauth4webapi `clientCredentialsGrantRequest`, `process…`",
  openid: "openid-client `clientCredentialsGrant`",
  badgateway: "@badgateway/oauth2-client `clientCredentials`",
  msal: "@azure/msal-node `acquireTokenByClientCredential`",
};
const FLOORS = { text: "the stub alone, `text()`", json: "the stub alone, `json()`" };

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const { asked, fetch } = tokenEndpoint();
  const all = [
    clients.pair,
    clients.freshSource,
    clients.oauth4webapi,
    clients.openidClient,
    clients.badgateway,
    clients.msal,
  ];
  for (const client of all) await clients.checkClient(client, fetch);

  const pair = clients.pair(fetch);
  const fresh = clients.freshSource(fetch);
  const oauth4webapi = clients.oauth4webapi(fetch);
  const openid = clients.openidClient(fetch);
  const badgateway = clients.badgateway(fetch);
  const msal = clients.msal(fetch);

  const before = asked();
  const options = isQuick
    ? { rounds: 3, warmUp: 1, calls: 50 }
    : { rounds: 21, warmUp: 4, calls: 1_000 };
  const times = await interleave(
    {
      pair: async (calls) => {
        for (let i = 0; i < calls; i++) await pair();
      },
      fresh: async (calls) => {
        for (let i = 0; i < calls; i++) await fresh();
      },
      oauth4webapi: async (calls) => {
        for (let i = 0; i < calls; i++) await oauth4webapi();
      },
      openid: async (calls) => {
        for (let i = 0; i < calls; i++) await openid();
      },
      badgateway: async (calls) => {
        for (let i = 0; i < calls; i++) await badgateway();
      },
      msal: async (calls) => {
        for (let i = 0; i < calls; i++) await msal();
      },
      text: async (calls) => {
        for (let i = 0; i < calls; i++) await (await fetch(ENDPOINT)).text();
      },
      json: async (calls) => {
        for (let i = 0; i < calls; i++) await (await fetch(ENDPOINT)).json();
      },
    },
    options,
  );
  const expected = 8 * callsOf(options);
  const count = asked() - before;
  if (count !== expected)
    throw new Stop(
      `not every token was asked for: the server was asked ${count} times instead of ${expected}`,
    );

  const overheads = {
    pair: minus(times.pair, times.text),
    fresh: minus(times.fresh, times.text),
    oauth4webapi: minus(times.oauth4webapi, times.json),
    openid: minus(times.openid, times.json),
    badgateway: minus(times.badgateway, times.json),
    msal: minus(times.msal, times.json),
  };
  return {
    title: "A cold token",
    about: ABOUT,
    tables: [
      timesTable(overheads, { names: NAMES, over: { "over oauth4webapi": "oauth4webapi" } }),
      timesTable(times, { names: FLOORS }),
    ],
    targets: [
      ratioTarget(
        "cold token, pair over oauth4webapi",
        ratios(overheads.pair, overheads.oauth4webapi),
        TARGETS.pair,
      ),
      ratioTarget(
        "fresh source over oauth4webapi",
        ratios(overheads.fresh, overheads.oauth4webapi),
        TARGETS.fresh,
      ),
    ],
  };
}
