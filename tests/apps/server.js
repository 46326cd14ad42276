// @ts-check
// What the apps are given, and what they are expected to say.
import { after } from "node:test";
import { startProvider } from "../../www/server/provider.js";

export const EXPECTED = { accessToken: "string", code: "option_invalid", refused: 401 };

export async function startServer() {
  const provider = await startProvider();
  after(provider.stop);
  const { issuer, clientId, clientSecret } = provider;
  return { issuer, clientId, clientSecret };
}
