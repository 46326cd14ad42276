// @ts-check
// What the suite runs on: the vectors, and the two servers. For runners see context.js; the test page has no `node:test`.
import { createPublicKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { startProvider } from "../../www/provider.js";
import { startZitadel } from "./zitadel.js";

/** @returns {Promise<{ context: Omit<import("./suite/index.js").Context, "ec">, stop: () => Promise<void> }>} */
export async function startServers() {
  const provider = await startProvider();
  const { issuer, clientId, clientSecret, apiUrl, clientKeys, userKeyFile, applicationKeyFile } = provider;
  const keys = { user: userKeyFile, application: applicationKeyFile, clients: clientKeys };
  // The same keys at both: those of RSA are slow to make.
  const zitadel = await startZitadel(publicKeys(keys));
  const context = {
    vectors: readVectors(),
    servers: {
      "oidc-provider": { issuer, clientId, clientSecret, apiUrl },
      zitadel: { issuer: zitadel.issuer, ...credentials(zitadel.state), apiUrl: zitadel.apiUrl },
    },
    keys,
  };
  return { context, stop: async () => void (await Promise.all([provider.stop(), zitadel.stop()])) };
}

/** @param {import("./suite/index.js").Keys} keys */
function publicKeys({ user, application, clients }) {
  const { clientId, keyId, key } = application;
  return {
    keys: clients.map(({ keyId, pem }) => ({ keyId, publicKey: createPublicKey(pem), userId: user.userId })),
    application: { clientId, clientSecret: "", keys: [{ keyId, publicKey: createPublicKey(key) }] },
  };
}

/** @param {{ clientId: string, clientSecret: string }} state */
function credentials({ clientId, clientSecret }) {
  return { clientId, clientSecret };
}

function readVectors() {
  const folder = new URL("../vectors/", import.meta.url);
  // Folders hold what the crate alone runs.
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const files = names.map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, folder), "utf8"))]);
  return Object.fromEntries(files);
}
