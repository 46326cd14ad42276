// @ts-check
// A Spring Authorization Server with the clients of the walk.
import { randomUUID } from "node:crypto";
import { makeClientKeys, secretJwt } from "../setup/client-keys.js";
import { startKeyServer } from "../setup/key-server.js";
import { freePort } from "../setup/ports.js";
import { startProgram } from "../setup/program.js";
import { inTarget } from "../setup/tools.js";
import { logUserIn } from "../setup/user-login.js";
import { JAR } from "./build.js";

const SECRET = "a walk's secret: 100% + & = @ / ? ~";
const REDIRECT_URI = "http://127.0.0.1:9/callback";
const USER = { username: "someone", password: "anything" };
/** Of assertions. */
const ALGORITHMS = ["RS256", "PS256", "ES256"];
/** Of access tokens. */
const SIGNED = ["RS", "PS", "ES"].flatMap((family) =>
  [256, 384, 512].map((bits) => `${family}${bits}`),
);

/** @returns {Promise<import("../walk/types.js").Running>} */
export async function start() {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const keys = makeClientKeys().filter(({ algorithm }) => ALGORITHMS.includes(algorithm));
  const keyServer = await startKeyServer(keys);
  const boot = () =>
    startProgram("java", ["-XX:TieredStopAtLevel=1", "-jar", JAR], {
      ready: `${issuer}/.well-known/openid-configuration`,
      log: inTarget("spring", "log"),
      env: {
        SERVER_ADDRESS: "127.0.0.1",
        SERVER_PORT: String(port),
        WALK_ISSUER: issuer,
        WALK_SECRET: SECRET,
        WALK_KEYS: keyServer.url,
        WALK_REDIRECT: REDIRECT_URI,
      },
    });
  let server = await boot();
  let secret = SECRET;

  const secretLogin = { clientSecret: SECRET, scope: "things:write" };
  const basic = { clientId: "basic", ...secretLogin };
  const opaque = { clientId: "opaque", ...secretLogin };
  return {
    issuer,
    usual: "client_secret_basic",
    logins: {
      client_secret_basic: { ...basic, clientAuth: "client_secret_basic" },
      client_secret_post: { ...basic, clientId: "post", clientAuth: "client_secret_post" },
      client_secret_jwt: secretJwt("jwt", SECRET),
      ...Object.fromEntries(
        keys.map(({ algorithm, key, keyId }) => [
          `private_key_jwt ${algorithm}`,
          { clientId: `key-${algorithm}`, key, keyId, algorithm },
        ]),
      ),
    },
    signed: Object.fromEntries(
      SIGNED.map((name) => [name, { clientId: `signed-${name}`, ...secretLogin }]),
    ),
    verifier: { audience: SIGNED.map((name) => `signed-${name}`), scope: "things:write" },
    introspected: {
      login: opaque,
      asker: { clientId: "other", clientSecret: SECRET },
      wrong: { clientId: "other", clientSecret: "wrong" },
      verifier: { audience: "opaque", scope: "things:write" },
    },
    other: { clientId: "other", clientSecret: SECRET },
    application: "app",
    otherTokens: () =>
      logUserIn({
        issuer,
        clientId: "app",
        clientSecret: SECRET,
        redirectUri: REDIRECT_URI,
        scope: "openid",
        fields: USER,
      }),
    async rotateSecret() {
      secret = randomUUID();
      await server.say(`secret basic ${secret}`);
      return secret;
    },
    rotateKeys: () => server.say("keys"),
    down: () => server.stop(),
    async up() {
      server = await boot();
      await server.say(`secret basic ${secret}`);
    },
    async stop() {
      keyServer.stop();
      await server.stop();
    },
  };
}
