import { tokenSource } from "edge-credentials";

/** Next 14 calls a GET handler in the build, and a plain `fetch` of these would fail there too. */
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
