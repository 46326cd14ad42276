// @ts-check
// A token endpoint that is a function: what is measured is the client, not a network.

export const ENDPOINT = "https://idp.example/oauth/v2/token";
export const CLIENT = {
  clientId: "service-user@acme.zitadel.cloud",
  clientSecret: "8Hb2kLq0PZr5sTn7vWx1yAc3dEf4gJh6",
};
export const SCOPE = ["openid", "profile", "urn:zitadel:iam:org:project:id:zitadel:aud"];
/** As long as ZITADEL's opaque ones. */
export const TOKEN = "kPz3".repeat(26);

export const ANSWER = JSON.stringify({
  access_token: TOKEN,
  token_type: "Bearer",
  expires_in: 43_199,
});
export const HEADERS = { "content-type": "application/json" };

/** @typedef {(input: string | URL | Request, init?: RequestInit) => Promise<Response>} Fetch */
/** @typedef {typeof CLIENT & { tokenEndpoint: string; scope: string[] }} Options of a client */

/** @returns {{ fetch: Fetch; asked: () => number }} `asked`: how often */
export function tokenEndpoint() {
  let asked = 0;
  return {
    asked: () => asked,
    async fetch() {
      asked += 1;
      return new Response(ANSWER, { headers: HEADERS });
    },
  };
}
