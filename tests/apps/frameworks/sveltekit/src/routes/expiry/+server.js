import { env } from "$env/dynamic/private";
import { tokenSource } from "edge-credentials";

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
