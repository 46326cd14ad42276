// @ts-check
// The halves of a cold token: what the request takes, and what its answer takes.
import { buildTokenRequest, parseTokenResponse } from "edge-credentials";
import * as oauth from "oauth4webapi";
import { Stop } from "../../scripts/run.js";
import { OAUTH4WEBAPI } from "../support/clients.js";
import { interleave, minus } from "../support/measure.js";
import { timesTable } from "../report/report.js";
import { ANSWER, CLIENT, ENDPOINT, HEADERS, SCOPE, TOKEN } from "../support/stub.js";

const ABOUT =
  "The request alone, and the answer alone. oauth4webapi sends what it has built: its `fetch` " +
  "is a function that gives back one `Response`, made once and never read. It reads a " +
  "`Response`, where ours takes a text that was read, so\n" +
  "that of each answer a `Response` is made for it, and what making and reading that by " +
  "`json()` takes alone is subtracted; ours gets the text, the headers as a `Headers`, and " +
  "the request. What others do cannot be had by halves: openid-client, @badgateway/oauth2-client " +
  "and @azure/msal-node\n" +
  "build, send and read in one call.";
const BUILD = {
  build: "edge-credentials `buildTokenRequest`",
  theirBuild: "oauth4webapi `clientCredentialsGrantRequest`",
};
const PARSE = {
  parse: "edge-credentials `parseTokenResponse`",
  theirParse: "oauth4webapi `processClientCredentialsResponse`",
  json: "`JSON.parse` of the text alone",
};

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const options = { ...CLIENT, tokenEndpoint: ENDPOINT, scope: SCOPE };
  const request = buildTokenRequest(options);
  const answer = { status: 200, headers: new Headers(HEADERS), body: ANSWER };
  const context = { requestedAt: Date.now(), request };
  const { server, client, auth, parameters } = OAUTH4WEBAPI;
  const unread = makeResponse();
  /** @type {{ url?: string; body?: string; authorization?: string }} */
  let sent = {};
  /** @type {(url: string, init: any) => Promise<Response>} */
  const note = async (url, { body, headers }) => {
    sent = { url, body: String(body), authorization: headers.authorization };
    return unread;
  };
  const noted = { [oauth.customFetch]: note };
  const given = { [oauth.customFetch]: async () => unread };

  await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, noted);
  const ours = sortedForm(request.body);
  const theirs = sortedForm(sent.body);
  if (ours !== theirs || sent.url !== request.url || !sent.authorization?.startsWith("Basic "))
    throw new Stop(`not the same was built: ${ours}, and ${theirs}`);
  const tokens = [
    parseTokenResponse(answer, context).accessToken,
    (await oauth.processClientCredentialsResponse(server, client, makeResponse())).access_token,
  ];
  if (tokens.some((token) => token !== TOKEN))
    throw new Stop(`the token did not come out of its answer: ${tokens}`);

  /**
   * Outside of its loop, so that no compiler drops it.
   *
   * @type {unknown}
   */
  let last;
  const times = await interleave(
    {
      build: (calls) => {
        for (let i = 0; i < calls; i++) last = buildTokenRequest(options);
        return last;
      },
      theirBuild: async (calls) => {
        for (let i = 0; i < calls; i++)
          await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, given);
      },
      parse: (calls) => {
        for (let i = 0; i < calls; i++) last = parseTokenResponse(answer, context);
        return last;
      },
      theirAll: async (calls) => {
        for (let i = 0; i < calls; i++)
          await oauth.processClientCredentialsResponse(server, client, makeResponse());
      },
      theirFloor: async (calls) => {
        for (let i = 0; i < calls; i++) await makeResponse().json();
      },
      json: (calls) => {
        for (let i = 0; i < calls; i++) last = JSON.parse(ANSWER);
        return last;
      },
    },
    isQuick ? { rounds: 3, warmUp: 1, calls: 100 } : { rounds: 21, warmUp: 4, calls: 2_000 },
  );

  const halves = { ...times, theirParse: minus(times.theirAll, times.theirFloor) };
  return {
    title: "Building and parsing, each alone",
    about: ABOUT,
    tables: [
      timesTable(halves, { names: BUILD, over: { "over oauth4webapi": "theirBuild" } }),
      timesTable(halves, { names: PARSE, over: { "over oauth4webapi": "theirParse" } }),
    ],
  };
}

function sortedForm(form = "") {
  return [...new URLSearchParams(form)].sort().join("&");
}

function makeResponse() {
  return new Response(ANSWER, { headers: HEADERS });
}
