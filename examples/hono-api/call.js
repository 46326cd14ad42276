// Calls the API as a service user.
import { tokenSource, zitadel } from "edge-credentials";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PROJECT_ID, PORT } = process.env;
const api = `http://127.0.0.1:${PORT}`;

const source = tokenSource({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  scope: ["openid", zitadel.scopes.audience(PROJECT_ID), zitadel.scopes.roles()],
  allowedOrigins: [api],
});

for (const path of ["/things", "/admin"]) {
  const response = await source.fetch(api + path);
  console.log(`${path}: ${response.status} ${await response.text()}`);
}
const response = await fetch(`${api}/things`);
console.log(`without a token: ${response.status} ${response.headers.get("www-authenticate")}`);
