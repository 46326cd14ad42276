// @ts-check
// The example server of zitadel/oidc: its clients, its users and their secrets are written in it.
import { makeClientKeys } from "../setup/client-keys.js";
import { freePort } from "../setup/ports.js";
import { startProgram } from "../setup/program.js";
import { inTarget } from "../setup/tools.js";
import { logUserIn } from "../setup/user-login.js";

const REDIRECT_URI = "http://127.0.0.1:9/callback";
const WEB = { clientId: "web", clientSecret: "secret" };

/**
 * @param {string} program
 * @returns {Promise<import("../walk/types.js").Running>}
 */
export async function start(program) {
  const address = `127.0.0.1:${await freePort()}`;
  const issuer = `http://${address}`;
  const fields = { username: "test-user@127.0.0.1", password: "verysecure" };
  const user = { issuer, ...WEB, redirectUri: REDIRECT_URI, fields };
  const ready = `${issuer}/.well-known/openid-configuration`;
  const log = inTarget("zitadel-oidc", "log");
  const clientKeys = makeClientKeys();
  const keys = JSON.stringify({ keys: clientKeys.map(({ jwk }) => jwk) });
  const up = () => startProgram(program, [address, REDIRECT_URI, keys], { ready, log });
  let server = await up();

  const down = () => server.stop();
  const restart = async () => {
    server = await up();
  };
  const service = { clientId: "sid1", clientSecret: "verysecret", scope: "openid" };
  const profiles = clientKeys.map(({ algorithm, key, keyId }) => ({
    algorithm,
    key,
    keyId,
    userId: "service",
    scope: "openid",
  }));
  return {
    issuer,
    usual: "client_secret_basic",
    logins: {
      client_secret_basic: { ...service, clientAuth: "client_secret_basic" },
      client_secret_post: { ...service, clientAuth: "client_secret_post" },
      ...Object.fromEntries(profiles.map((one) => [`JWT profile ${one.algorithm}`, one])),
    },
    signed: { RS256: profiles[0] },
    verifier: { audience: issuer },
    introspected: {
      // It knows nothing of service users there.
      login: { request: async () => Response.json(await logUserIn(user)) },
      revoker: WEB,
      asker: WEB,
      wrong: { ...WEB, clientSecret: "wrong" },
      verifier: { clientId: "web", scope: "openid" },
    },
    application: "web",
    otherTokens: () => logUserIn(user),
    async rotateKeys() {
      // It makes them when it starts.
      await down();
      await restart();
    },
    down,
    up: restart,
    stop: down,
  };
}
