// @ts-check
// The Worker of connection-reset.alone.js. Each `n` is a token source of its own, because its
// options differ from the others'.
import * as workers from "cloudflare:workers";
import * as ec from "edge-credentials";
import { describeError, io } from "../support/reset/answer.js";

const { ISSUER, CLIENT_ID, CLIENT_SECRET } = /** @type {Record<string, string>} */ (workers.env);

/** What `get` does in the global scope, where the runtime permits no I/O. */
const early = source(ISSUER, "early", false)
  .get()
  .then(() => "a token", describeError);

/** @type {Promise<unknown> | null} */
let shared = null;

/** How many requests have come for a source, by its `n`. @type {Map<string, number>} */
const counts = new Map();

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const { issuer = ISSUER, n = "", discover } = Object.fromEntries(searchParams);
    if (pathname === "/count") return Response.json({ count: counts.get(n) ?? 0 });
    counts.set(n, (counts.get(n) ?? 0) + 1);
    if (pathname === "/early") return Response.json({ early: await early });
    if (pathname === "/runtime") return Response.json({ waitUntil: typeof workers.waitUntil });
    if (pathname === "/trap") return Response.json({ token: await trap(issuer) });
    const { status, ...answer } = await token(source(issuer, n, discover !== undefined));
    return Response.json({ ...answer, io: await io(issuer) }, { status });
  },
};

/** @type {(issuer: string, n: string, discover: boolean) => ec.TokenSource} */
function source(issuer, n, discover) {
  const where = discover ? { issuer } : { tokenEndpoint: tokenEndpoint(issuer) };
  return ec.tokenSource({
    ...where,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope: "openid",
    params: { n },
  });
}

/** @param {ec.TokenSource} source */
async function token(source) {
  try {
    const { accessToken } = await source.get();
    return { status: 200, accessToken };
  } catch (error) {
    return { status: 503, ...describeError(error) };
  }
}

/**
 * What everybody writes, and what wedges the isolate.
 *
 * @param {string} issuer
 */
function trap(issuer) {
  shared ??= fetch(tokenEndpoint(issuer), { method: "POST", body: "n=trap" })
    .then((response) => response.text())
    .finally(() => {
      shared = null;
    });
  return shared;
}

/** @param {string} issuer */
function tokenEndpoint(issuer) {
  return `${issuer}/oauth/v2/token`;
}
