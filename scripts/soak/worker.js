// @ts-check
// The Worker of the soak: each request gets a token of one of its sources, and verifies it, by the
// issuer's keys or by introspection. Its clock is what the load says.
import * as workers from "cloudflare:workers";
import { AuthError, tokenSource, tokenVerifier } from "edge-credentials";

const { ISSUER, AUDIENCE } = /** @type {Record<string, string>} */ (workers.env);

/** How far the clock is off, ms. */
let offset = 0;
const realNow = Date.now.bind(Date);
Date.now = () => realNow() + offset;

const clientSecret = async () => (await fetch(`${ISSUER}/secret`)).text();

/** @param {string} n */
function sourceOf(n) {
  const where = Number(n) % 2 === 0 ? { issuer: ISSUER } : { tokenEndpoint: `${ISSUER}/token` };
  return tokenSource({ ...where, clientId: `client-${n}`, clientSecret, timeout: 5_000 });
}

const byKeys = tokenVerifier({ issuer: ISSUER, audience: AUDIENCE, timeout: 5_000 });
const byIntrospection = tokenVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  accept: "opaque",
  introspection: { clientId: "api", clientSecret },
  introspectionEndpoint: `${ISSUER}/introspect`,
  timeout: 5_000,
});

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/clock") {
      offset = Number(searchParams.get("offset"));
      return new Response();
    }
    return Response.json(await work(searchParams.get("n") ?? "0"));
  },
};

/** @param {string} n */
async function work(n) {
  let step = "get";
  try {
    const source = sourceOf(n);
    const token = await source.get();
    step = "verify";
    await verifyOrReplace(source, token);
    step = "introspect";
    if (Number(n) === 0) await byIntrospection.verify(`opaque-${crypto.randomUUID()}`);
    return { ok: true };
  } catch (error) {
    return error instanceof AuthError
      ? { step, code: error.code, error: JSON.stringify(error) + error.stack }
      : { step, code: "foreign", error: String(error) };
  }
}

/**
 * A token that is refused is replaced for the next caller, as a client of an API does it.
 *
 * @type {(
 *   source: import("edge-credentials").TokenSource,
 *   token: import("edge-credentials").Token,
 * ) => Promise<void>}
 */
async function verifyOrReplace(source, token) {
  try {
    await byKeys.verify(token.accessToken);
  } catch (error) {
    const isRefused = error instanceof AuthError && error.category === "rejected";
    if (isRefused) source.invalidate(token);
    throw error;
  }
}
