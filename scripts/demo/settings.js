// @ts-check
// The embedded provider's settings, to be pasted into a shell. Its secrets are no secrets: they open
// nothing but this demo.
import { heading } from "./print.js";

/** @typedef {{ clientId: string; clientSecret: string }} Client */

/**
 * @param {Client & {
 *   issuer: string;
 *   apiUrl: string;
 *   audience?: string;
 *   projectId?: string;
 *   apiClient: Client;
 *   jwtClientId?: string;
 * }} settings
 */
export function printSettings({
  issuer,
  clientId,
  clientSecret,
  apiUrl,
  audience,
  projectId,
  apiClient,
  jwtClientId,
}) {
  heading("For a program of yours that gets a token");
  print({
    ISSUER: issuer,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    SCOPE: scopeFor(projectId),
    API_URL: apiUrl,
  });
  if (jwtClientId) {
    console.log(
      `   # a JWT instead of an opaque token: CLIENT_ID='${jwtClientId}', the same secret`,
    );
    console.log("   # a 403 of your API: SCOPE without urn:zitadel:iam:org:projects:roles");
  }
  heading("For an API of yours that is sent tokens");
  print({
    ISSUER: issuer,
    AUDIENCE: audience,
    PROJECT_ID: projectId,
    API_CLIENT_ID: apiClient.clientId,
    API_CLIENT_SECRET: apiClient.clientSecret,
  });
}

/**
 * For ZITADEL's own APIs, and for the API below with its roles.
 *
 * @param {string} [projectId]
 */
function scopeFor(projectId) {
  const ofProject = [
    `urn:zitadel:iam:org:project:id:${projectId}:aud`,
    "urn:zitadel:iam:org:projects:roles",
  ];
  const scopes = ["openid", "urn:zitadel:iam:org:project:id:zitadel:aud"];
  return [...scopes, ...(projectId ? ofProject : [])].join(" ");
}

/** @param {Record<string, string | undefined>} variables */
function print(variables) {
  for (const [name, value = ""] of Object.entries(variables))
    console.log(`   export ${name}='${value.replaceAll("'", `'\\''`)}'`);
}
