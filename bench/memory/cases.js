// @ts-check
// What is made, and what of it is held. Each `add` makes those with the numbers from `first` up to
// `end`.
import { createPublicKey, sign } from "node:crypto";
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { tokenSource, tokenVerifier } from "edge-credentials";
import { CLIENT, ENDPOINT, TOKEN } from "../support/stub.js";
import { generateKey } from "../../www/server/generate-key.js";

/**
 * @typedef {object} Work
 * @property {(first: number, end: number) => Promise<void>} add
 * @property {() => Promise<number>} [kept] how many of all are still known
 */

const ISSUER = "https://idp.example";
const AUDIENCE = "317905284016571148";
/** As many as a verifier introspects at once. */
const AT_ONCE = 32;

/** @type {Record<string, () => Work>} */
export const CASES = { held, dropped, peer, jwts, introspected };

/** @returns {Work} */
function held() {
  /** @type {import("edge-credentials").TokenSource[]} */
  const sources = [];
  return {
    add: inBatches(async (number) => {
      sources.push(await source(number));
    }),
  };
}

/** @returns {Work} */
function dropped() {
  return {
    add: inBatches(async (number) => {
      await source(number);
    }),
  };
}

/** @returns {Work} */
function peer() {
  /** @type {OAuth2Fetch[]} */
  const clients = [];
  return {
    add: inBatches(async (number) => {
      const client = new OAuth2Client({
        ...CLIENT,
        clientId: clientId(number),
        tokenEndpoint: ENDPOINT,
        fetch: answerToken,
      });
      const fetcher = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
      checkToken(await fetcher.getAccessToken(), number);
      clients.push(fetcher);
    }),
  };
}

/** @returns {Work} */
function jwts() {
  const privateKey = generateKey("ec", { namedCurve: "P-256" });
  const keys = JSON.stringify({
    keys: [
      {
        ...createPublicKey(privateKey).export({ format: "jwk" }),
        kid: "1",
        alg: "ES256",
        use: "sig",
      },
    ],
  });
  const fetch = async () => json(keys, { "cache-control": "max-age=86400" });
  const verifier = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/keys`,
    fetch,
  });
  const header = base64url(JSON.stringify({ alg: "ES256", kid: "1", typ: "JWT" }));
  const key = /** @type {const} */ ({ key: privateKey, dsaEncoding: "ieee-p1363" });

  return {
    add: inBatches(async (number) => {
      const input = `${header}.${base64url(JSON.stringify(claims(number)))}`;
      const signature = sign("sha256", Buffer.from(input), key).toString("base64url");
      checkClaims(await verifier.verify(`${input}.${signature}`), number);
    }),
  };
}

/** @returns {Work} */
function introspected() {
  let asked = 0;
  /** @type {(url: any, init?: RequestInit) => Promise<Response>} */
  async function fetch(_, init) {
    asked += 1;
    const token = new URLSearchParams(String(init?.body)).get("token") ?? "";
    return json(JSON.stringify({ active: true, ...claims(Number(token.slice(-6))) }));
  }
  const options = {
    issuer: ISSUER,
    audience: AUDIENCE,
    introspection: CLIENT,
    introspectionEndpoint: `${ISSUER}/introspect`,
    fetch,
  };
  const verifier = tokenVerifier(options);
  const verify = async (/** @type {number} */ number) =>
    checkClaims(await verifier.verify(tokenOf(number)), number);
  let made = 0;

  return {
    add: inBatches((number) => {
      made = number + 1;
      return verify(number);
    }),
    /** The newest are known: from the newest on, until one has to be asked about. */
    async kept() {
      const before = asked;
      for (let number = made - 1; number >= 0; number--) {
        await verify(number);
        if (asked > before) return made - 1 - number;
      }
      return made;
    },
  };
}

/** @param {number} number */
async function source(number) {
  const source = tokenSource({
    ...CLIENT,
    clientId: clientId(number),
    tokenEndpoint: ENDPOINT,
    fetch: answerToken,
  });
  checkToken((await source.get()).accessToken, number);
  return source;
}

/**
 * Whose token it is, is told by who asks.
 *
 * @type {(url: any, init?: RequestInit) => Promise<Response>}
 */
async function answerToken(_, init) {
  const basic = new Headers(init?.headers).get("authorization") ?? "";
  const number = Number(/^user-(\d+)/.exec(atob(basic.slice(6)))?.[1]);
  return json(
    JSON.stringify({ access_token: tokenOf(number), token_type: "Bearer", expires_in: 43_199 }),
  );
}

/**
 * @param {(number: number) => Promise<void>} one
 * @returns {Work["add"]}
 */
function inBatches(one) {
  return async (first, end) => {
    for (let from = first; from < end; from += AT_ONCE) {
      const size = Math.min(AT_ONCE, end - from);
      await Promise.all(Array.from({ length: size }, (_, i) => one(from + i)));
    }
  };
}

/**
 * What ZITADEL puts into an access token.
 *
 * @param {number} number
 */
function claims(number) {
  const at = Math.floor(Date.now() / 1000);
  return {
    iss: ISSUER,
    sub: String(number),
    aud: ["317905284016440075@api", AUDIENCE],
    exp: at + 43_199,
    iat: at,
    nbf: at,
    client_id: "edge-worker",
    jti: `V2_${number}`,
  };
}

/** @param {number} number */
function clientId(number) {
  return `user-${number}`;
}

/** @param {number} number */
function tokenOf(number) {
  const end = String(number).padStart(6, "0");
  return TOKEN.slice(0, -end.length) + end;
}

/** @type {(token: string, number: number) => void} */
function checkToken(token, number) {
  if (token !== tokenOf(number)) throw new Error(`the token of ${number} is ${token}`);
}

/** @type {(claims: Record<string, unknown>, number: number) => void} */
function checkClaims({ sub }, number) {
  if (sub !== String(number)) throw new Error(`the claims of ${number} are those of ${sub}`);
}

/** @type {(body: string, headers?: Record<string, string>) => Response} */
function json(body, headers) {
  return new Response(body, { headers: { "content-type": "application/json", ...headers } });
}

/** @param {string} text */
function base64url(text) {
  return Buffer.from(text).toString("base64url");
}
