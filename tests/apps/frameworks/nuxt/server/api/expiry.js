import { tokenSource } from "edge-credentials";

const source = (env) =>
  tokenSource({
    issuer: env.ISSUER,
    clientId: env.CLIENT_ID,
    clientSecret: env.CLIENT_SECRET,
  });

export default defineEventHandler(async (event) => {
  // On Workers the bindings come with each request.
  const { env = process.env } = event.context.cloudflare ?? {};
  const { expiresAt } = await source(env).get();
  return { expiresAt };
});
