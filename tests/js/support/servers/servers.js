// @ts-check
// What the suite runs on: the vectors, the servers, and JWTs by every algorithm. For runners see
// context.js; the test page has no `node:test`.
import { createPublicKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { startProvider } from "../../../../www/server/provider.js";
import { jwt, makeKey } from "../keys/jwt.js";
import { startZitadel } from "../zitadel/server.js";

const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/**
 * @returns {Promise<{
 *   context: Omit<import("../../suite/index.js").Context, "ec">;
 *   stop: () => Promise<void>;
 * }>}
 */
export async function startServers() {
  const provider = await startProvider();
  const {
    issuer,
    clientId,
    clientSecret,
    apiUrl,
    apiClient,
    resource,
    clientKeys,
    userKeyFile,
    applicationKeyFile,
  } = provider;
  const keys = { user: userKeyFile, application: applicationKeyFile, clients: clientKeys };
  // The same keys at both: those of RSA are slow to make.
  const known = publicKeys(keys);
  // With ZITADEL the shape of a token is a setting of the user's; each of these servers has one
  // user.
  const [zitadel, jwts] = await Promise.all([
    startZitadel(known),
    startZitadel({ ...known, tokenShape: "jwt" }),
  ]);
  const context = {
    vectors: readVectors(),
    servers: {
      "oidc-provider": {
        issuer,
        clientId,
        clientSecret,
        apiUrl,
        api: { ...apiClient, audience: resource },
      },
      zitadel: describe(zitadel),
      "zitadel with JWTs": describe(jwts),
    },
    keys,
    signed: signTokens(),
  };
  return {
    context,
    async stop() {
      await Promise.all([provider, zitadel, jwts].map(({ stop }) => stop()));
    },
  };
}

/** @param {import("../../suite/index.js").Keys} keys */
function publicKeys({ user, application, clients }) {
  const { clientId, keyId, key } = application;
  return {
    keys: clients.map(({ keyId, pem }) => ({
      keyId,
      publicKey: createPublicKey(pem),
      userId: user.userId,
    })),
    application: {
      clientId,
      clientSecret: "another s%cret+",
      keys: [{ keyId, publicKey: createPublicKey(key) }],
    },
  };
}

/**
 * @type {(
 *   zitadel: Awaited<ReturnType<typeof startZitadel>>,
 * ) => import("../../suite/index.js").Server}
 */
function describe({ issuer, apiUrl, state }) {
  const { clientId, clientSecret, application, projectId } = state;
  const api = {
    clientId: application.clientId,
    clientSecret: application.clientSecret,
    audience: projectId,
    projectId,
  };
  return { issuer, clientId, clientSecret, apiUrl, api };
}

/** By an issuer that is none of the servers: they sign by one algorithm. */
function signTokens() {
  const issuer = "https://idp.example";
  const audience = "317905284016571148";
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: audience, sub: "317905284016374539", iat, exp: iat + 43_200 };
  const rsa = makeKey("RS256");
  const tokens = ALGORITHMS.map((algorithm) => {
    const key = /^[RP]S/.test(algorithm)
      ? { ...rsa, alg: algorithm, jwk: { ...rsa.jwk, alg: algorithm } }
      : makeKey(algorithm);
    return { algorithm, jwk: key.jwk, token: jwt(key, claims) };
  });
  return { issuer, audience, tokens };
}

function readVectors() {
  const folder = new URL("../../../vectors/", import.meta.url);
  // Folders hold what the crate alone runs.
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const files = names.map((name) => [
    name.replace(".json", ""),
    JSON.parse(readFileSync(new URL(name, folder), "utf8")),
  ]);
  return Object.fromEntries(files);
}
