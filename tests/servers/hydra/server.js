// @ts-check
// A Hydra with the clients of the walk.
import { randomUUID } from "node:crypto";
import { browse } from "../setup/browser.js";
import { assertionGrant } from "../setup/assertion-grant.js";
import { makeClientKeys } from "../setup/client-keys.js";
import { startLogoutReceiver } from "../setup/logout-receiver.js";
import { freePort } from "../setup/ports.js";
import { logUserIn } from "../setup/user-login.js";
import { administrator } from "./admin.js";
import { API, clients, isForClients, REDIRECT_URI, SECRET, SUBJECT, trusted } from "./clients.js";
import { startHydra } from "./program.js";

const PAGES = "http://127.0.0.1:9";

/** @returns {Promise<import("../walk/types.js").Running>} */
export async function start() {
  const ports = { port: await freePort(), adminPort: await freePort() };
  const issuer = `http://127.0.0.1:${ports.port}/`;
  const tokenEndpoint = `${issuer}oauth2/token`;
  const receiver = await startLogoutReceiver();
  const admin = administrator(`http://127.0.0.1:${ports.adminPort}`);
  const keys = makeClientKeys();
  let secret = SECRET;
  let server = await up();

  /** What it is told is in memory, so it is told again. */
  async function up() {
    const started = await startHydra(ports, PAGES);
    for (const client of clients({ keys, secret, logoutUri: receiver.url }))
      await admin.addClient(client);
    for (const key of keys) await admin.trust(trusted(key));
    return started;
  }

  const api = { scope: "things:write", params: { audience: API } };
  const basic = { clientId: "basic", clientSecret: SECRET, ...api };
  const granted = { clientId: "granted", clientSecret: SECRET, ...api };
  const grant = assertionGrant({ keys, client: granted, subject: SUBJECT, tokenEndpoint });
  const app = { issuer, clientId: "app", clientSecret: SECRET, redirectUri: REDIRECT_URI };
  const user = { ...app, fields: {}, answer: admin.answer(PAGES) };
  return {
    issuer,
    usual: "client_secret_basic",
    logins: {
      client_secret_basic: basic,
      client_secret_post: { ...basic, clientId: "post", clientAuth: "client_secret_post" },
      ...Object.fromEntries(
        keys.filter(isForClients).map((key) => [`private_key_jwt ${key.algorithm}`, login(key)]),
      ),
      ...grant.logins,
    },
    asserted: grant.asserted,
    signed: { RS256: { ...basic, clientId: "signed" } },
    verifier: { audience: API, scope: "things:write" },
    introspected: {
      login: basic,
      asker: { clientAuth: "none" },
      verifier: { audience: API, scope: "things:write" },
    },
    introspectionEndpoint: `http://127.0.0.1:${ports.adminPort}/admin/oauth2/introspect`,
    application: "app",
    other: { clientId: "other", clientSecret: SECRET },
    async otherTokens() {
      const cookies = new Map();
      const tokens = await logUserIn(user);
      // Of another session: a logout ends all tokens of its own.
      const ended = await logUserIn({ ...user, cookies });
      const url = `${issuer}oauth2/sessions/logout?id_token_hint=${ended.id_token}`;
      const visit = { until: `${PAGES}/end`, cookies, fields: {}, answer: user.answer };
      return { ...tokens, logout_token: await receiver.tokenOf(() => browse(url, visit)) };
    },
    async rotateSecret() {
      secret = randomUUID();
      await admin.setSecret("basic", secret);
      return secret;
    },
    rotateKeys: admin.newKey,
    down: () => server.stop(),
    async up() {
      server = await up();
    },
    async stop() {
      receiver.stop();
      await server.stop();
    },
  };

  /** @param {import("../setup/client-keys.js").ClientKey} key */
  function login({ algorithm, key, keyId }) {
    const clientId = `key-${algorithm}`;
    return { clientId, key, keyId, algorithm, assertionAudience: tokenEndpoint, ...api };
  }
}
