// @ts-check
// What every runner gives the suite, beside the package: the vectors, and servers that run while the tests do.
import { readdirSync, readFileSync } from "node:fs";
import { after } from "node:test";
import { startProvider } from "../../www/provider.js";
import { startZitadel } from "./zitadel.js";

/** @returns {Promise<Omit<import("./suite/index.js").Context, "ec">>} */
export async function startContext() {
  const [provider, zitadel] = await Promise.all([startProvider(), startZitadel()]);
  after(() => Promise.all([provider.stop(), zitadel.stop()]));
  const { issuer, clientId, clientSecret, apiUrl } = provider;
  return {
    vectors: readVectors(),
    servers: {
      "oidc-provider": { issuer, clientId, clientSecret, apiUrl },
      zitadel: { issuer: zitadel.issuer, ...credentials(zitadel.state), apiUrl: zitadel.apiUrl },
    },
  };
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
