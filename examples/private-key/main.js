// Calls an API as a service user that has a key file, as ZITADEL gives it out, and no secret.
import { readFileSync } from "node:fs";
import { AuthError, tokenSource, zitadel } from "edge-credentials";

const { ISSUER, KEY_FILE, API_URL } = process.env;
if (!KEY_FILE) throw new Error("set KEY_FILE to where the service user's key file is");

const source = tokenSource({
  issuer: ISSUER,
  // A function, so that a key that was replaced is read anew. It names the user and the key.
  key: () => readFileSync(KEY_FILE, "utf8"),
  scope: ["openid", zitadel.scopes.api()],
  allowedOrigins: [new URL(API_URL).origin],
});

try {
  const response = await source.fetch(API_URL);
  const { user } = await response.json();
  console.log(`${response.status}, I am ${user.userName}`);
} catch (error) {
  if (!(error instanceof AuthError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint}`);
  process.exitCode = 1;
}
