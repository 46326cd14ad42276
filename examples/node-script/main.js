// Calls an API as a service user.
import { AuthError, tokenSource, zitadel } from "edge-credentials";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL } = process.env;

const source = tokenSource({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  // For ZITADEL's own APIs, which the demo has one of. For yours: zitadel.scopes.audience("<project id>").
  scope: ["openid", zitadel.scopes.api()],
  // Where the token may be sent, beside the issuer.
  allowedOrigins: [new URL(API_URL).origin],
});

try {
  // Both calls use one token.
  for (const attempt of ["first", "second"]) {
    const response = await source.fetch(API_URL);
    const { user } = await response.json();
    console.log(`${attempt} call: ${response.status}, I am ${user.userName}`);
  }
} catch (error) {
  if (!(error instanceof AuthError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint}`);
  process.exitCode = 1;
}
