// @ts-check
// oidc-provider in this process. Its clients and tokens are in memory, and outlast a restart.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { browse } from "../setup/browser.js";
import { makeClientKeys, secretJwt } from "../setup/client-keys.js";
import { startLogoutReceiver } from "../setup/logout-receiver.js";
import { freePort } from "../setup/ports.js";
import { logUserIn } from "../setup/user-login.js";
import { clients, REDIRECT_URI, SECRET } from "./clients.js";
import { audienceOf, configuration } from "./configuration.js";
import { generateKey } from "../../../www/server/generate-key.js";

/** @typedef {import("node:crypto").KeyObject} KeyObject */

URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
// @ts-expect-error it brings no types
const { Provider } = await import("oidc-provider/lib/provider.js");

/** What an algorithm of access tokens is signed with. @type {Record<string, () => KeyObject>} */
const SIGNERS = {
  ...Object.fromEntries(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((alg) => [
      alg,
      () => generateKey("rsa", { modulusLength: 2048 }),
    ]),
  ),
  ES256: () => generateKey("ec", { namedCurve: "P-256" }),
  ES384: () => generateKey("ec", { namedCurve: "P-384" }),
  ES512: () => generateKey("ec", { namedCurve: "P-521" }),
  EdDSA: () => generateKey("ed25519"),
  Ed25519: () => generateKey("ed25519"),
};
const ALGORITHMS = Object.keys(SIGNERS);
const USER = { login: "someone", password: "anything" };

/** @returns {Promise<import("../walk/types.js").Running>} */
export async function start() {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const receiver = await startLogoutReceiver();
  const clientKeys = makeClientKeys();
  const entries = clients(clientKeys, receiver.url);
  /** @type {Map<string, any>} */
  const store = new Map(entries.map((client) => [`Client ${client.client_id}`, client]));
  let keys = signingKeys();
  let handle = handler();
  let server = await listen();

  function handler() {
    return new Provider(issuer, configuration({ store, keys })).callback();
  }

  async function listen() {
    const started = createServer((...exchange) => handle(...exchange));
    started.listen(port, "127.0.0.1");
    await once(started, "listening");
    return started;
  }
  async function down() {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }
  async function up() {
    server = await listen();
  }

  const basic = { clientId: "basic", clientSecret: SECRET, scope: "things:write" };
  const post = { clientId: "post", clientSecret: SECRET, clientAuth: "client_secret_post" };
  const resource = audienceOf("opaque");
  return {
    issuer,
    usual: "client_secret_basic",
    logins: {
      client_secret_basic: { ...basic, resource },
      client_secret_post: post,
      client_secret_jwt: secretJwt("jwt", SECRET),
      ...Object.fromEntries(
        clientKeys.map(({ algorithm, key, keyId }) => [
          `private_key_jwt ${algorithm}`,
          { clientId: algorithm, key, keyId, algorithm },
        ]),
      ),
    },
    signed: Object.fromEntries(
      ALGORITHMS.map((algorithm) => [algorithm, { ...basic, resource: audienceOf(algorithm) }]),
    ),
    verifier: { audience: ALGORITHMS.map(audienceOf), scope: "things:write" },
    introspected: {
      login: { ...basic, resource },
      asker: { clientId: "other", clientSecret: SECRET },
      wrong: { clientId: "other", clientSecret: "wrong" },
      verifier: { audience: resource, scope: "things:write" },
    },
    other: { clientId: "other", clientSecret: SECRET },
    application: "app",
    async otherTokens() {
      const cookies = new Map();
      const app = { issuer, clientId: "app", clientSecret: SECRET, redirectUri: REDIRECT_URI };
      const tokens = await logUserIn({ ...app, fields: USER });
      // Of another session: a logout ends all tokens of its own.
      const ended = await logUserIn({ ...app, cookies, fields: USER });
      const url = `${issuer}/session/end?id_token_hint=${ended.id_token}`;
      const until = `${issuer}/session/end/success`;
      const logout = await receiver.tokenOf(() => browse(url, { until, cookies, fields: {} }));
      return { ...tokens, logout_token: logout };
    },
    async rotateSecret() {
      const secret = randomUUID();
      store.set("Client basic", { ...store.get("Client basic"), client_secret: secret });
      return secret;
    },
    async rotateKeys() {
      // What signs is the first of its kind.
      keys = [...signingKeys(), ...keys];
      handle = handler();
    },
    down,
    up,
    async stop() {
      receiver.stop();
      await down();
    },
  };
}

function signingKeys() {
  return Object.entries(SIGNERS).map(([alg, makePrivateKey]) => signingKey(alg, makePrivateKey()));
}

/** @type {(alg: string, privateKey: KeyObject) => object} */
function signingKey(alg, privateKey) {
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: randomUUID() };
}
