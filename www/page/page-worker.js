// @ts-check
// The test page's own Worker: asks servers what the page wants to know, with the package inside
// workerd, and hands everything back, tokens included. It is a tool for this machine and nothing to
// copy: worker.js is.
import { env } from "cloudflare:workers";
import * as ec from "edge-credentials";
import { exchangesWith } from "./shared/exchange.js";

/** @type {Record<string, (question: any) => Promise<object>>} */
const exchanges = exchangesWith(ec);
// Anybody's page can send to a port of this machine; the page's server alone knows this.
const { PASS } = /** @type {{ PASS: string }} */ (env);

export default {
  /** @type {(request: Request) => Promise<Response>} */
  async fetch(request) {
    if (request.method !== "POST" || request.headers.get("x-pass") !== PASS)
      return new Response("this Worker answers the test page's server alone\n", { status: 403 });

    const name = new URL(request.url).pathname.slice(1);
    if (!Object.hasOwn(exchanges, name)) return new Response("not found\n", { status: 404 });
    const question = await request.json().catch(() => undefined);
    if (typeof question !== "object" || question === null)
      return new Response("a question is a JSON object\n", { status: 400 });
    return Response.json(await exchanges[name](question), {
      headers: { "cache-control": "no-store" },
    });
  },
};
