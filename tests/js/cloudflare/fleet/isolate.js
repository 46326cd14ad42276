// @ts-check
// One of ten Workers that call one object. It has no secret.
import { AuthError } from "edge-credentials";
import { brokered } from "edge-credentials/cloudflare";

/** @type {Set<object>} */
const sources = new Set();
/** @type {object[]} */
const events = [];

/** What no Worker asks. @type {Record<string, () => unknown>} */
const ODD = { long: () => "x".repeat(3_000_000), number: () => 7, list: () => ["held"] };

export default {
  /** @param {Request} request @param {Record<string, any>} env */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const object = searchParams.get("object") ?? undefined;
    const kind = searchParams.get("kind") ?? "TOKENS";
    const api = searchParams.get("api");
    const stub = () => env[kind].get(env[kind].idFromName(object ?? "edge-credentials"));
    const source = brokered(env[kind], {
      ...(object !== undefined && { object }),
      ...(api && { allowedOrigins: [new URL(api).origin] }),
      onEvent: (event) => void events.push(event),
    });
    sources.add(source);
    try {
      switch (pathname) {
        case "/token":
          return Response.json(await source.get());
        case "/call": {
          const response = await source.fetch(String(api));
          return Response.json({ status: response.status, body: await response.text() });
        }
        case "/invalidate":
          source.invalidate((await source.get()).accessToken);
          return Response.json({});
        case "/sources":
          return Response.json({ sources: sources.size, env: Object.keys(env).sort(), events });
        case "/old":
          // A version that asked nothing.
          return Response.json(await stub().token());
        case "/odd":
          return Response.json(await stub().token(ODD[String(searchParams.get("question"))]()));
        case "/fill": {
          // More sources than are kept.
          for (let n = 0; n < 1_000; n += 1) brokered(env[kind], { object: `${object} ${n}` });
          return Response.json({});
        }
        case "/do": {
          const result = await stub()[String(searchParams.get("method"))]();
          return Response.json({ result: result ?? null });
        }
        default:
          return new Response(null, { status: 404 });
      }
    } catch (error) {
      if (error instanceof AuthError) return Response.json(error, { status: 503 });
      return Response.json({ thrown: String(error) }, { status: 500 });
    }
  },
};
