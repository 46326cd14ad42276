// @ts-check
// What it takes to verify JWTs that were not seen before.
import { Stop } from "../../scripts/run.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { ALGORITHMS, checkVerifier, makeKey, makeToken, readyVerifier } from "../support/issuer.js";
import { callsOf, interleave, ratios } from "../support/measure.js";
import { joseVerifier } from "../support/verifiers.js";

/** Our time over jose's, at most. */
const TARGET = 1;
const ABOUT =
  "Each token is another one (its `jti`), made beforehand, and each way verifies each once, " +
  "one after the other, with the keys in its hands. Ours is `tokenVerifier.verify`, which " +
  "remembers it too; jose is `jwtVerify` with `createLocalJWKSet`, and checks\n" +
  "the same: issuer, audience, `typ`, the times. The floor is `crypto.subtle.verify` alone, " +
  "with an imported key and the bytes of signature and text in hand.";

/** What WebCrypto calls the algorithms. */
const WEBCRYPTO = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

/** @typedef {import("../support/issuer.js").Algorithm} Algorithm */

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const plan = isQuick
    ? { rounds: 3, warmUp: 1, calls: 20 }
    : { rounds: 21, warmUp: 4, calls: 300 };
  const tables = [];
  /** @type {import("../report/report.js").Target[]} */
  const targets = [];

  for (const algorithm of ALGORITHMS) {
    const times = await measure(algorithm, plan);
    const names = {
      ours: `${algorithm}: edge-credentials`,
      jose: `${algorithm}: jose`,
      floor: `${algorithm}: WebCrypto alone`,
    };
    const over = { "over jose": "jose", "over WebCrypto": "floor" };
    tables.push(timesTable(times, { names, over }));
    const ratio = ratios(times.ours, times.jose);
    targets.push(ratioTarget(`first JWT over jose, Node, ${algorithm}`, ratio, TARGET));
  }
  return { title: "JWTs not seen before, in Node", about: ABOUT, tables, targets };
}

/**
 * @type {(
 *   algorithm: Algorithm,
 *   plan: import("../support/measure.js").Plan,
 * ) => Promise<Record<"ours" | "jose" | "floor", number[]>>}
 */
async function measure(algorithm, plan) {
  const key = makeKey(algorithm);
  const { verify, asked } = await readyVerifier(key);
  const jose = joseVerifier(key.jwk);
  await checkVerifier("edge-credentials", verify, key);
  await checkVerifier("jose", jose, key);

  const tokens = Array.from({ length: callsOf(plan) }, () => makeToken(key));
  const parts = tokens.map(bytesOf);
  const how = WEBCRYPTO[algorithm];
  const cryptoKey = await crypto.subtle.importKey("jwk", key.jwk, how, false, ["verify"]);
  /** Whose turn comes with which token. */
  const next = { ours: 0, jose: 0, floor: 0 };
  /** How often WebCrypto found a signature good. */
  let good = 0;

  const times = await interleave(
    {
      ours: async (calls) => {
        for (let i = 0; i < calls; i++) await verify(tokens[next.ours++]);
      },
      jose: async (calls) => {
        for (let i = 0; i < calls; i++) await jose(tokens[next.jose++]);
      },
      floor: async (calls) => {
        for (let i = 0; i < calls; i++) {
          const { signature, text } = parts[next.floor++];
          if (await crypto.subtle.verify(how, cryptoKey, signature, text)) good += 1;
        }
      },
    },
    plan,
  );

  const counts = { ...next, good };
  if (Object.values(counts).some((count) => count !== tokens.length))
    throw new Stop(
      `not every token was verified by all: ${JSON.stringify(counts)} of ${tokens.length}`,
    );
  // The second time after the check's bad signature.
  if (asked() > 2)
    throw new Stop(`the keys were not in hand: the issuer was asked ${asked()} times`);
  return times;
}

/** @param {string} token */
function bytesOf(token) {
  const end = token.lastIndexOf(".");
  return {
    text: new TextEncoder().encode(token.slice(0, end)),
    signature: new Uint8Array(Buffer.from(token.slice(end + 1), "base64url")),
  };
}
