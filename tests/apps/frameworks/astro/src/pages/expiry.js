import { env } from "cloudflare:workers";
import { tokenSource } from "edge-credentials";

export const prerender = false;

const source = () =>
  tokenSource({
    issuer: env.ISSUER,
    clientId: env.CLIENT_ID,
    clientSecret: env.CLIENT_SECRET,
  });

export async function GET() {
  const { expiresAt } = await source().get();
  return Response.json({ expiresAt });
}
