// @ts-check
// What the suite runs on: the vectors, and the two servers. For runners see context.js; the test page has no `node:test`.
import { readdirSync, readFileSync } from "node:fs";
import { startProvider } from "../../www/provider.js";
import { startZitadel } from "./zitadel.js";

/** @returns {Promise<{ context: Omit<import("./suite/index.js").Context, "ec">, stop: () => Promise<void> }>} */
export async function startServers() {
  const [provider, zitadel] = await Promise.all([startProvider(), startZitadel()]);
  const { issuer, clientId, clientSecret, apiUrl } = provider;
  const context = {
    vectors: readVectors(),
    servers: {
      "oidc-provider": { issuer, clientId, clientSecret, apiUrl },
      zitadel: { issuer: zitadel.issuer, ...credentials(zitadel.state), apiUrl: zitadel.apiUrl },
    },
  };
  return { context, stop: async () => void (await Promise.all([provider.stop(), zitadel.stop()])) };
}

/** @param {{ clientId: string, clientSecret: string }} state */
function credentials({ clientId, clientSecret }) {
  return { clientId, clientSecret };
}

function readVectors() {
  const folder = new URL("../vectors/", import.meta.url);
  const files = readdirSync(folder).map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, folder), "utf8"))]);
  return Object.fromEntries(files);
}
