// @ts-check
// The Worker of connection-reset.alone.js. Each issuer has a verifier of its own, and so has each
// `n`, because their options differ.
import * as workers from "cloudflare:workers";
import * as ec from "edge-credentials";
import { describeError, io } from "../support/reset/answer.js";

const { ISSUER, AUDIENCE, API_CLIENT_ID, API_CLIENT_SECRET } =
  /** @type {Record<string, string>} */ (workers.env);

/** What `verify` does in the global scope, where the runtime permits no I/O. */
const early = verifier(ISSUER, "early", false)
  .verify("early")
  .then(() => "claims", describeError);

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const { issuer = ISSUER, n = "1", token = "", discover } = Object.fromEntries(searchParams);
    if (pathname === "/early") return Response.json({ early: await early });
    if (pathname === "/runtime") return Response.json({ waitUntil: typeof workers.waitUntil });
    const { status, ...answer } = await check(verifier(issuer, n, discover !== undefined), token);
    return Response.json({ ...answer, io: await io(issuer) }, { status });
  },
};

/** @type {(issuer: string, n: string, discover: boolean) => ec.TokenVerifier} */
function verifier(issuer, n, discover) {
  const where = discover
    ? {}
    : {
        jwksUri: `${issuer}/oauth/v2/keys`,
        introspectionEndpoint: `${issuer}/oauth/v2/introspect`,
      };
  const introspection = { clientId: API_CLIENT_ID, clientSecret: API_CLIENT_SECRET };
  return ec.tokenVerifier({ issuer, audience: AUDIENCE, introspection, projectId: n, ...where });
}

/**
 * @type {(
 *   verifier: ec.TokenVerifier,
 *   token: string,
 * ) => Promise<Record<string, unknown> & { status: number }>}
 */
async function check({ verify, challenge }, token) {
  try {
    const { jti } = await verify(token);
    return { status: 200, jti };
  } catch (error) {
    return { ...describeError(error), status: challenge(error).status };
  }
}
