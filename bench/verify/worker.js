// @ts-check
// A Worker that verifies the tokens in a request's body, a line each, by the verifier that the path
// names.
import { env } from "cloudflare:workers";
import { joseVerifier, ourVerifier } from "../support/verifiers.js";

const { KEY } = /** @type {{ KEY: import("../support/verifiers.js").PublicKey }} */ (env);

/** @type {Record<string, import("../support/verifiers.js").VerifyToken>} */
const VERIFIERS = {
  "/ours": ourVerifier(KEY).verify,
  "/jose": joseVerifier(KEY),
  // What the request itself takes.
  "/none": async () => ({}),
};

export default {
  /** @type {(request: Request) => Promise<Response>} */
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    const verify = VERIFIERS[pathname];
    const tokens = (await request.text()).split("\n");
    if (search === "?claims") return answerOf(verify, tokens[0]);

    for (const token of tokens) await verify(token);
    return new Response(String(tokens.length));
  },
};

/**
 * The claims of one token, or the code of the refusal.
 *
 * @type {(
 *   verify: import("../support/verifiers.js").VerifyToken,
 *   token: string,
 * ) => Promise<Response>}
 */
async function answerOf(verify, token) {
  try {
    return Response.json({ claims: await verify(token) });
  } catch (error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    return Response.json({ code });
  }
}
