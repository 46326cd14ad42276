// @ts-check
// What it takes to verify JWTs that were not seen before.
import { Stop } from "../../scripts/run.js";
import { checkVerifier, joseVerifier, makeKey, makeToken, ourVerifier } from "../support/issuer.js";
import { interleave, ratios } from "../support/measure.js";
import { digits, timesTable } from "../report/report.js";

/** Our time over that of WebCrypto's `verify` alone, at most. */
const TARGET = 1.2;
const ABOUT =
  "Each token is another one (its `jti`), made beforehand, and each way verifies each once, " +
  "one after the other, with the keys in its hands. Ours is `tokenVerifier.verify`, which " +
  "remembers it too; jose is `jwtVerify` with `createLocalJWKSet`, and checks\n" +
  "the same: issuer, audience, `typ`, the times. The floor is `crypto.subtle.verify` alone, " +
  "with an imported key and the bytes of signature and text in hand.";
/** How WebCrypto calls the algorithms. */
const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

const NOTE =
  "Claims are judged, parsed and frozen while the runtime verifies in another thread. What is " +
  "left over the floor is before that: the header, which WebAssembly reads and judges, the " +
  "signature's decoding, and copies of the token's text; and the wait for the other thread to be " +
  "woken, which all have.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const options = isQuick
    ? { rounds: 3, warmUp: 1, calls: 20 }
    : { rounds: 21, warmUp: 4, calls: 300 };
  const tables = [];
  /** @type {import("../report/report.js").Target[]} */
  const targets = [];
  for (const algorithm of /** @type {(keyof typeof ALGORITHMS)[]} */ (Object.keys(ALGORITHMS))) {
    const times = await measure(algorithm, options);
    const names = {
      ours: `${algorithm}: edge-credentials`,
      jose: `${algorithm}: jose`,
      floor: `${algorithm}: WebCrypto alone`,
    };
    const over = { "over jose": "jose", "over WebCrypto": "floor" };
    tables.push(timesTable(times, { names, over }));

    const overFloor = ratios(times.ours, times.floor).median;
    const overJose = ratios(times.ours, times.jose).median;
    targets.push({
      wanted: `${algorithm}: within ${TARGET} of WebCrypto alone, and ahead of jose`,
      measured: `${digits(overFloor)} of WebCrypto, ${digits(overJose)} of jose`,
      met: overFloor <= TARGET && overJose < 1,
    });
  }
  return { title: "(4) JWTs not seen before", about: ABOUT, tables, targets, note: NOTE };
}

/**
 * @type {(
 *   algorithm: keyof typeof ALGORITHMS,
 *   options: { rounds: number; warmUp: number; calls: number },
 * ) => Promise<Record<"ours" | "jose" | "floor", number[]>>}
 */
async function measure(algorithm, options) {
  const key = makeKey(algorithm);
  const { verify, asked } = await ourVerifier(key);
  const jose = joseVerifier(key);
  await checkVerifier("edge-credentials", verify, key);
  await checkVerifier("jose", jose, key);

  const tokens = Array.from({ length: (options.rounds + options.warmUp) * options.calls }, () =>
    makeToken(key),
  );
  const parts = tokens.map(bytesOf);
  const how = ALGORITHMS[algorithm];
  const cryptoKey = await crypto.subtle.importKey("jwk", key.jwk, how, false, ["verify"]);
  /** Whose turn comes with which token. */
  const next = { ours: 0, jose: 0, floor: 0 };
  /** How often a signature was good. */
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
    options,
  );
  const counts = { ...next, good };
  if (Object.values(counts).some((count) => count !== tokens.length))
    throw new Stop(
      `not every token was verified by all: ${JSON.stringify(counts)} of ${tokens.length}`,
    );
  if (asked() !== 1)
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
