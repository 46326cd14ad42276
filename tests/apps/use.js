// What every app here does: it gets a token, makes a mistake, and refuses a request as middleware.
import { AuthError, tokenSource } from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";

export async function use({ issuer, clientId, clientSecret }) {
  const source = tokenSource({ issuer, clientId, clientSecret, scope: "openid" });
  const { accessToken } = await source.get();
  return { accessToken: typeof accessToken, code: mistake(), refused: await refuse(issuer) };
}

/**
 * The middleware gets the package by its own name, as the app does: Hono itself it needs for its
 * types alone.
 */
async function refuse(issuer) {
  const middleware = bearerAuth(() => ({ issuer, audience: "api" }));
  const { status } = await middleware(
    { req: { raw: new Request("https://api.example/") }, set() {} },
    () => {},
  );
  return status;
}

function mistake() {
  try {
    tokenSource({ clientId: "service" });
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error);
  }
}
