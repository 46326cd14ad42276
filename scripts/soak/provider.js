// @ts-check
// An identity provider that fails in every way of the tests, and rolls keys and secrets over.
import { createPublicKey, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { generateKey } from "../../www/server/generate-key.js";

export const SECRET = "s0ak-c4nary";
const AUDIENCE = "soak-api";
/** How long tokens live, s. */
const LIFETIME = 6;

/** @typedef {import("node:http").ServerResponse} Answer */

/**
 * @type {(
 *   answer: Answer,
 *   status: number,
 *   body: string,
 *   headers?: Record<string, string>,
 * ) => void}
 */
function send(answer, status, body, headers = {}) {
  answer.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

/**
 * The ways to fail. `SECRET` stands wherever a server has room for it.
 *
 * @type {Record<string, (answer: Answer) => void>}
 */
const FAILURES = {
  500: (answer) => send(answer, 500, `{"error":"server_error","error_description":"${SECRET}"}`),
  "502 in HTML": (answer) =>
    send(answer, 502, `<html>${SECRET}</html>`, { "content-type": "text/html" }),
  "503 with a pause": (answer) => send(answer, 503, "", { "retry-after": "1" }),
  "429 with a date": (answer) =>
    send(answer, 429, "{}", { "retry-after": new Date(Date.now() + 2_000).toUTCString() }),
  "401 invalid_client": (answer) => send(answer, 401, '{"error":"invalid_client"}'),
  "400 of a secret that is not there yet": (answer) =>
    send(
      answer,
      400,
      '{"error":"invalid_client","error_description":"Errors.User.Machine.Secret.NotExisting"}',
    ),
  "a redirect": (answer) => send(answer, 302, "", { location: "http://127.0.0.1:1/" }),
  "no JSON": (answer) => send(answer, 200, `{"access_token":"${SECRET}`),
  "JSON of something else": (answer) => send(answer, 200, `{"message":"${SECRET}"}`),
  "a member twice": (answer) =>
    send(answer, 200, '{"access_token":"a","access_token":"b","token_type":"Bearer","keys":[]}'),
  "an answer that is too long": (answer) => send(answer, 200, "x".repeat(2 * 2 ** 20)),
  "a length that lies": (answer) => {
    answer.writeHead(200, { "content-length": 500 }).write("{");
    setTimeout(() => answer.destroy(), 20);
  },
  "a reset": (answer) => answer.destroy(),
  "a reset within the body": (answer) => {
    answer.writeHead(200).write('{"access_token":"a');
    setTimeout(() => answer.destroy(), 10);
  },
  "a slow body": (answer) => {
    answer.writeHead(200);
    const timer = setInterval(() => answer.write(" "), 100);
    answer.on("close", () => clearInterval(timer));
  },
  "no answer": () => {},
};

export const WAYS_TO_FAIL = Object.keys(FAILURES);

export async function startProvider() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const issuer = `http://127.0.0.1:${port}`;

  const provider = {
    issuer,
    audience: AUDIENCE,
    /** How many requests of 100 fail. */
    failing: 0,
    requests: /** @type {Record<string, number>} */ ({}),
    failures: /** @type {Record<string, number>} */ ({}),
    rollovers: 0,
    /** The newest key of the issuer, and the one before it. */
    keys: [makeKey()],
    secrets: [secret()],
    /** Another key and another secret; those before them are good for one more turn. */
    roll() {
      provider.rollovers += 1;
      provider.keys = [makeKey(), provider.keys[0]];
      provider.secrets = [secret(), provider.secrets[0]];
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };

  server.on("request", async (request, answer) => {
    answer.on("error", () => {});
    let body = "";
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return; // Whoever asked went away.
    }
    const { pathname } = new URL(String(request.url), issuer);
    provider.requests[pathname] = (provider.requests[pathname] ?? 0) + 1;
    if (pathname === "/secret") return answer.end(provider.secrets[0]);
    if (Math.random() * 100 < provider.failing) return fail(answer);
    respond(pathname, request.headers.authorization ?? "", body, answer);
  });

  /** @param {Answer} answer */
  function fail(answer) {
    const all = Object.entries(FAILURES);
    const [name, run] = all[Math.floor(Math.random() * all.length)];
    provider.failures[name] = (provider.failures[name] ?? 0) + 1;
    run(answer);
  }

  /** @type {(path: string, authorization: string, body: string, answer: Answer) => void} */
  function respond(path, authorization, body, answer) {
    if (path === "/.well-known/openid-configuration") return send(answer, 200, metadata());
    if (path === "/keys") return send(answer, 200, keySet(), { "cache-control": "max-age=60" });
    const [, given] = Buffer.from(authorization.slice(6), "base64").toString().split(":");
    if (!provider.secrets.includes(given)) return send(answer, 401, '{"error":"invalid_client"}');
    if (path === "/token") return send(answer, 200, token());
    const exp = Math.floor(Date.now() / 1000) + LIFETIME;
    send(answer, 200, JSON.stringify({ active: true, iss: issuer, aud: AUDIENCE, exp, sub: "1" }));
    void body;
  }

  function metadata() {
    return JSON.stringify({
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
    });
  }

  function keySet() {
    return JSON.stringify({ keys: provider.keys.map(({ jwk }) => jwk) });
  }

  function token() {
    const iat = Math.floor(Date.now() / 1000);
    const [{ kid, privateKey }] = provider.keys;
    const claims = {
      iss: issuer,
      aud: AUDIENCE,
      sub: "1",
      iat,
      exp: iat + 3600,
      jti: randomUUID(),
    };
    const input = [{ alg: "EdDSA", kid, typ: "at+jwt" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const signature = sign(null, Buffer.from(input), privateKey).toString("base64url");
    const access_token = `${input}.${signature}`;
    return JSON.stringify({ access_token, token_type: "Bearer", expires_in: LIFETIME });
  }

  return provider;
}

function secret() {
  return `${SECRET}-${randomUUID()}`;
}

function makeKey() {
  const kid = randomUUID();
  const privateKey = generateKey("ed25519");
  const jwk = {
    ...createPublicKey(privateKey).export({ format: "jwk" }),
    kid,
    alg: "EdDSA",
    use: "sig",
  };
  return { kid, privateKey, jwk };
}
