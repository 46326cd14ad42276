import { tokenSource } from "edge-credentials";

export const dynamic = "force-dynamic";

/** The build imports this file without the environment. Equal options give the same source. */
const source = () =>
  tokenSource({
    tokenEndpoint: process.env.TOKEN_ENDPOINT,
    clientId: process.env.CLIENT_ID,
    clientSecret: process.env.CLIENT_SECRET,
  });

export async function GET() {
  const { accessToken } = await source().get();
  return new Response(`<p>${accessToken}</p>`);
}
