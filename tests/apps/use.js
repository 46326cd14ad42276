// What every app here does: it gets a token, and makes a mistake.
import { AuthError, tokenSource } from "edge-credentials";

export async function use({ issuer, clientId, clientSecret }) {
  const source = tokenSource({ issuer, clientId, clientSecret, scope: "openid" });
  const { accessToken } = await source.get();
  return { accessToken: typeof accessToken, code: mistake() };
}

function mistake() {
  try {
    tokenSource({ clientId: "service" });
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error);
  }
}
