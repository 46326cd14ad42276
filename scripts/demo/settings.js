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
}) {
  heading("For a program of yours that gets a token");
  print({ ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, API_URL: apiUrl });
  heading("For an API of yours that is sent tokens");
  print({
    ISSUER: issuer,
    AUDIENCE: audience,
    PROJECT_ID: projectId,
    API_CLIENT_ID: apiClient.clientId,
    API_CLIENT_SECRET: apiClient.clientSecret,
  });
}

/** @param {Record<string, string | undefined>} variables */
function print(variables) {
  for (const [name, value = ""] of Object.entries(variables))
    console.log(`   export ${name}='${value.replaceAll("'", `'\\''`)}'`);
}
