// @ts-check
// A Keycloak with the realm of the walk.
import { assertionGrant } from "../setup/assertion-grant.js";
import { makeClientKeys, secretJwt } from "../setup/client-keys.js";
import { startKeyServer } from "../setup/key-server.js";
import { startLogoutReceiver } from "../setup/logout-receiver.js";
import { freePort } from "../setup/ports.js";
import { json, logUserIn } from "../setup/user-login.js";
import { administrator } from "./admin.js";
import { startAt, startWith } from "./distribution.js";
import { ALGORITHMS, API, realm, REALM, REDIRECT_URI, SECRET, SUBJECT, USER } from "./realm.js";

/** @returns {Promise<import("../walk/types.js").Running>} */
export async function start() {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const issuer = `${origin}/realms/${REALM}`;
  const receiver = await startLogoutReceiver();
  const clientKeys = makeClientKeys();
  const keyServer = await startKeyServer(clientKeys);
  const given = { keys: clientKeys, keysUrl: `${keyServer.url}/`, logoutUri: receiver.url };
  let server = await startWith(port, realm(given));
  const admin = administrator(origin);
  // The first token of an algorithm waits until its key is made.
  for (const algorithm of ALGORITHMS) await firstToken(issuer, `signed-${algorithm}`);

  const secret = { clientSecret: SECRET, scope: "things:write" };
  const basic = { clientId: "basic", ...secret };
  const grant = assertionGrant({
    keys: clientKeys,
    client: { clientId: "granted", ...secret },
    subject: SUBJECT,
    tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
  });
  const down = () => server.stop();
  return {
    issuer,
    usual: "client_secret_basic",
    logins: {
      client_secret_basic: { ...basic, clientAuth: "client_secret_basic" },
      client_secret_post: { ...basic, clientAuth: "client_secret_post" },
      client_secret_jwt: secretJwt("jwt", SECRET),
      ...Object.fromEntries(
        clientKeys.map(({ algorithm, key, keyId }) => [
          `private_key_jwt ${algorithm}`,
          { clientId: `key-${algorithm}`, key, keyId, algorithm },
        ]),
      ),
      ...grant.logins,
    },
    asserted: grant.asserted,
    signed: Object.fromEntries(
      ALGORITHMS.map((algorithm) => [algorithm, { clientId: `signed-${algorithm}`, ...secret }]),
    ),
    verifier: { audience: API, scope: "things:write" },
    introspected: {
      login: basic,
      asker: { clientId: API, clientSecret: SECRET },
      wrong: { clientId: API, clientSecret: "wrong" },
      verifier: { audience: API, scope: "things:write" },
    },
    other: { clientId: "other", clientSecret: SECRET },
    application: "app",
    otherTokens: () => userTokens(issuer, receiver),
    rotateSecret: () => admin.newSecret("basic"),
    rotateKeys: () => admin.newKey(),
    down,
    async up() {
      server = await startAt(port, REALM);
    },
    async stop() {
      receiver.stop();
      keyServer.stop();
      await down();
    },
  };
}

/** @type {(issuer: string, clientId: string) => Promise<unknown>} */
async function firstToken(issuer, clientId) {
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: SECRET };
  const body = new URLSearchParams(form);
  return json(`${issuer}/protocol/openid-connect/token`, { method: "POST", body });
}

/** @type {(issuer: string, receiver: any) => Promise<Record<string, string>>} */
async function userTokens(issuer, receiver) {
  const client = { clientId: "app", clientSecret: SECRET };
  const scope = "openid things:write";
  const app = { issuer, ...client, redirectUri: REDIRECT_URI, scope, fields: USER };
  const tokens = await logUserIn(app);
  // Of another session: a logout ends all tokens of its own.
  const { refresh_token: ended } = await logUserIn(app);
  const logout = await receiver.tokenOf(() =>
    fetch(`${issuer}/protocol/openid-connect/logout`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: client.clientId,
        client_secret: client.clientSecret,
        refresh_token: ended,
      }),
    }),
  );
  return { ...tokens, logout_token: logout };
}
