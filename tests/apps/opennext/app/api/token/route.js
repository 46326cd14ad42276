import { AuthError, tokenSource, tokenVerifier } from "edge-credentials";

export const dynamic = "force-dynamic";

/** The build imports this file without the environment. Equal options give the same source. */
const source = () => tokenSource(JSON.parse(process.env.SETTINGS));

export async function GET(request) {
  const { accessToken } = await source().get();
  return Response.json({ accessToken: typeof accessToken, ...(await refuse(request)) });
}

/** What it says to a request without a token. */
async function refuse(request) {
  const { issuer } = JSON.parse(process.env.SETTINGS);
  const verifier = tokenVerifier({ issuer, audience: "api" });
  try {
    return await verifier.verify(request);
  } catch (error) {
    const code = error instanceof AuthError ? error.code : String(error);
    return { code, refused: verifier.challenge(error).status };
  }
}
