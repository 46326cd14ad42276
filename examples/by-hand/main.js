// A token without a source: the package builds requests and reads answers, and sending is yours.
import {
  authorizationHeader,
  buildMetadataRequest,
  buildTokenRequest,
  parseMetadataResponse,
  parseTokenResponse,
  timeLeft,
  zitadel,
} from "edge-credentials";

const { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, API_URL } = process.env;

/** Sends a request of the package's, and gives what it reads. */
async function send(request) {
  const response = await fetch(request.url, request);
  const { status, headers } = response;
  return { status, headers, body: await response.text() };
}

const metadataRequest = buildMetadataRequest({ issuer });
const { tokenEndpoint } = parseMetadataResponse(await send(metadataRequest), { issuer });

const request = buildTokenRequest({
  tokenEndpoint,
  clientId,
  clientSecret,
  scope: ["openid", zitadel.scopes.api()],
});
const requestedAt = Date.now();
// With the request, errors can quote the server, without what is secret in it.
const token = parseTokenResponse(await send(request), { requestedAt, request });
console.log(`a ${token.tokenType} token, good for ${Math.round(timeLeft(token) / 60_000)} min`);

const response = await fetch(API_URL, {
  headers: { authorization: authorizationHeader(token) },
  redirect: "manual",
});
const { user } = await response.json();
console.log(`${response.status}, I am ${user.userName}`);
