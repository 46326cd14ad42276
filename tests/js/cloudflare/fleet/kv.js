// @ts-check
// A Worker that shares its token through Workers KV.
import { AuthError, tokenSource } from "edge-credentials";
import { kvStore } from "edge-credentials/cloudflare";

/** @type {Set<object>} */
const sources = new Set();
/** @type {object[]} */
let events = [];

export default {
  /** @param {Request} request @param {Record<string, any>} env */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const source = tokenSource({
      tokenEndpoint: `${env.ISSUER}/oauth/v2/token`,
      clientId: env.CLIENT_ID,
      clientSecret: env.CLIENT_SECRET,
      scope: "openid",
      params: { n: searchParams.get("n") ?? "" },
      store: kvStore(env.TOKENS),
      onEvent: (event) => void events.push(event),
    });
    sources.add(source);
    try {
      if (pathname === "/invalidate") source.invalidate(String(searchParams.get("token")));
      if (pathname === "/token") return Response.json(await source.get());
      const seen = { sources: sources.size, events };
      if (pathname === "/events") events = [];
      return Response.json(seen);
    } catch (error) {
      if (error instanceof AuthError) return Response.json(error, { status: 503 });
      return Response.json({ thrown: String(error) }, { status: 500 });
    }
  },
};
