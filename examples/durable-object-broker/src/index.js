// A Worker that calls an API as a service user. One Durable Object holds the token for all isolates.
import { AuthError, zitadel } from "edge-credentials";
import { brokered, tokenBroker } from "edge-credentials/cloudflare";

/** Has the secret, and is the only one that asks the server. */
export class Tokens extends tokenBroker((env) => ({
  issuer: env.ISSUER,
  clientId: env.CLIENT_ID,
  clientSecret: env.CLIENT_SECRET,
  scope: ["openid", zitadel.scopes.api()],
})) {}

export default {
  /** @param {Request} _ @param {Record<string, any>} env */
  async fetch(_, env) {
    const source = brokered(env.TOKENS, { allowedOrigins: [new URL(env.API_URL).origin] });
    try {
      return await source.fetch(env.API_URL);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      console.warn(error.code, error.message, error.hint);
      return new Response("no token\n", { status: 503 });
    }
  },
};
