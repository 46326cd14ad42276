// @ts-check
// What the Workers of a cold start have in common: a token for the first request, and the request
// that was sent for it.
import { ANSWER, CLIENT, ENDPOINT, HEADERS, SCOPE } from "../support/stub.js";

/** @param {typeof import("./empty.js").getToken} getToken */
export function serve(getToken) {
  return {
    async fetch() {
      /** @type {unknown} */
      let request;
      /** @type {import("../support/stub.js").Fetch} */
      const fetch = async (url, init) => {
        const { method, headers, body } = init ?? {};
        const entries = Object.fromEntries(new Headers(headers));
        request = { url: String(url), method, headers: entries, body: String(body) };
        return new Response(ANSWER, { headers: HEADERS });
      };
      const token = await getToken({ ...CLIENT, tokenEndpoint: ENDPOINT, scope: SCOPE }, fetch);
      return Response.json({ token, request });
    },
  };
}
