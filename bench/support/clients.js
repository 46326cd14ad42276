// @ts-check
// The clients that a token is asked for by, each set up as its README says, and told what it needs
// to know of the server, so that it asks for nothing else. Where a client leaves open how the
// secret is sent, it is `client_secret_basic`.
import { ConfidentialClientApplication, ProtocolMode } from "@azure/msal-node";
import { OAuth2Client } from "@badgateway/oauth2-client";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { Stop } from "../../scripts/run.js";
import { getToken as getByPair } from "../start/pair.js";
import { getToken as getBySource } from "../start/source.js";
import { CLIENT, ENDPOINT, SCOPE, TOKEN } from "./stub.js";

/** @typedef {import("./stub.js").Fetch} Fetch */
/** @typedef {() => Promise<string | undefined>} Ask asks for a token, and gives it */
/** @typedef {(fetch: Fetch) => Ask} Client */

const ISSUER = new URL(ENDPOINT).origin;
const OPTIONS = { ...CLIENT, tokenEndpoint: ENDPOINT, scope: SCOPE };

/** @type {Client} */
export function pair(fetch) {
  return async () => getByPair(OPTIONS, fetch);
}

/**
 * A source for each call. Equal options would give the last one, with its token, so the user
 * differs.
 *
 * @type {Client}
 */
export function freshSource(fetch) {
  let users = 0;
  return async () => {
    users += 1;
    return getBySource({ ...OPTIONS, clientId: `${users}-${CLIENT.clientId}` }, fetch);
  };
}

/** What oauth4webapi's functions are given. */
export const OAUTH4WEBAPI = {
  server: { issuer: ISSUER, token_endpoint: ENDPOINT },
  client: { client_id: CLIENT.clientId },
  auth: oauth.ClientSecretBasic(CLIENT.clientSecret),
  parameters: { scope: SCOPE.join(" ") },
};

/** @type {Client} */
export function oauth4webapi(fetch) {
  const { server, client, auth, parameters } = OAUTH4WEBAPI;
  const options = { [oauth.customFetch]: fetch };
  return async () => {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      auth,
      parameters,
      options,
    );
    return (await oauth.processClientCredentialsResponse(server, client, response)).access_token;
  };
}

/** @type {Client} */
export function openidClient(fetch) {
  const config = new openid.Configuration(
    OAUTH4WEBAPI.server,
    CLIENT.clientId,
    undefined,
    openid.ClientSecretBasic(CLIENT.clientSecret),
  );
  config[openid.customFetch] = /** @type {openid.CustomFetch} */ (fetch);
  return async () =>
    (await openid.clientCredentialsGrant(config, OAUTH4WEBAPI.parameters)).access_token;
}

/** @type {Client} */
export function badgateway(fetch) {
  const client = new OAuth2Client({
    ...CLIENT,
    tokenEndpoint: ENDPOINT,
    authenticationMethod: "client_secret_basic",
    fetch,
  });
  return async () => (await client.clientCredentials({ scope: SCOPE })).accessToken;
}

/**
 * It sends the secret in the body, leaves `openid` and `profile` out of the scope, and knows its
 * own servers by heart: of another it takes the metadata as text. It would look into its cache
 * first; `skipCache` is there for that.
 *
 * @type {Client}
 */
export function msal(fetch) {
  const metadata = {
    issuer: ISSUER,
    token_endpoint: ENDPOINT,
    authorization_endpoint: `${ISSUER}/authorize`,
    jwks_uri: `${ISSUER}/keys`,
  };
  const client = new ConfidentialClientApplication({
    auth: {
      ...CLIENT,
      authority: ISSUER,
      knownAuthorities: [new URL(ISSUER).host],
      authorityMetadata: JSON.stringify(metadata),
    },
    system: { protocolMode: ProtocolMode.OIDC, networkClient: networkClient(fetch) },
  });
  return async () =>
    (await client.acquireTokenByClientCredential({ scopes: SCOPE, skipCache: true }))?.accessToken;
}

/**
 * What of msal's own goes on the network, without its error handling.
 *
 * @type {(fetch: Fetch) => import("@azure/msal-node").INetworkModule}
 */
function networkClient(fetch) {
  const send = async (
    /** @type {string} */ method,
    /** @type {string} */ url,
    /** @type {import("@azure/msal-node").NetworkRequestOptions} */ options = {},
  ) => {
    const response = await fetch(url, { method, headers: options.headers, body: options.body });
    return {
      headers: Object.fromEntries(response.headers),
      status: response.status,
      body: await response.json(),
    };
  };
  return {
    sendGetRequestAsync: (url, options) => send("GET", url, options),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
}

/**
 * Whether a client asks as it should, and for nothing else, and gives the token that came.
 *
 * @param {Client} client
 * @param {Fetch} fetch that answers
 */
export async function checkClient(client, fetch) {
  /** @type {Request[]} */
  const requests = [];
  const ask = client(async (url, init) => {
    const { method, headers, body } = init ?? {};
    requests.push(new Request(url, { method, headers, body }));
    return fetch(url, init);
  });
  const tokens = [await ask(), await ask()];
  if (tokens.some((token) => token !== TOKEN))
    throw new Stop(`${client.name} gave another token than the stub`);
  if (requests.length !== 2)
    throw new Stop(`${client.name} made ${requests.length} requests for 2 tokens`);
  for (const request of requests) await checkRequest(client.name, request);
}

/** @type {(name: string, request: Request) => Promise<void>} */
async function checkRequest(name, request) {
  const form = new URLSearchParams(await request.text());
  const [type, basic] = (request.headers.get("authorization") ?? "").split(" ");
  const [id, secret] =
    type === "Basic"
      ? atob(basic).split(":").map(decodeURIComponent)
      : [form.get("client_id"), form.get("client_secret")];
  // msal numbers its requests in the address.
  const isAsked =
    request.method === "POST" &&
    request.url.split("?")[0] === ENDPOINT &&
    form.get("grant_type") === "client_credentials";
  const isProven = id?.endsWith(CLIENT.clientId) && secret === CLIENT.clientSecret;
  const scopes = form.get("scope")?.split(" ") ?? [];
  if (!isAsked || !isProven || !scopes.includes(SCOPE[2]))
    throw new Stop(`${name} did not ask for the token that was meant`);
}
