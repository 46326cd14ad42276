// Verifies signatures by WebCrypto.
import { causeOf, misuse } from "../core/error-constructors.js";
import type { Bytes, WebCryptoKey } from "../core/runtime-types.js";
import type { VerifyingKey } from "./jwks.js";

/** WebCrypto's names of the algorithms by the first two letters of their JOSE names. */
const WEBCRYPTO_NAMES: Record<string, string> = {
  RS: "RSASSA-PKCS1-v1_5",
  PS: "RSA-PSS",
  ES: "ECDSA",
};

const encoder = new TextEncoder();

/** A JWT, as far as its signature is concerned. */
interface Signed {
  header: { algorithm: string };
  /** what is signed */
  input: string;
  signature: Bytes;
}

/**
 * Verifies the signature of a JWT.
 *
 * @param fitting at least one
 * @returns the key that signed the JWT; `undefined`: none of them
 * @throws {AuthError} `option_invalid` if the runtime can use none of the keys
 */
export async function verifySignature(
  { header, input, signature }: Signed,
  fitting: VerifyingKey[],
): Promise<VerifyingKey | undefined> {
  const { algorithm } = header;
  const data = encoder.encode(input);
  let thrown: unknown;
  let unusable = 0;
  for (const key of fitting) {
    try {
      const verifier = imported.get(key)?.get(algorithm) ?? (await importKey(key, algorithm));
      const { parameters, cryptoKey } = verifier;
      if (await crypto.subtle.verify(parameters, cryptoKey, signature, data)) return key;
    } catch (error) {
      // Goes on, since another key may fit.
      thrown = error;
      unusable += 1;
    }
  }

  // A key that said no says so of a token that somebody made up, whatever else is in the set.
  if (unusable < fitting.length) return undefined;
  const message = "the runtime does not verify by the issuer's key";
  const hint =
    "let the issuer sign by RS256 or ES256, which all runtimes have; " +
    "pages need https or localhost";
  throw misuse("option_invalid", message, hint, causeOf(thrown));
}

interface Verifier {
  parameters: ReturnType<typeof webCryptoParameters>;
  cryptoKey: WebCryptoKey;
}

/**
 * The imported keys by algorithm. It holds keys, not promises: on workerd a promise belongs to the
 * request that made it.
 */
const imported: WeakMap<VerifyingKey, Map<string, Verifier>> = new WeakMap();

async function importKey(key: VerifyingKey, algorithm: string): Promise<Verifier> {
  const parameters = webCryptoParameters(algorithm);
  const cryptoKey = await crypto.subtle.importKey("jwk", key.jwk, parameters, false, ["verify"]);
  const verifier = { parameters, cryptoKey };

  const byAlgorithm = imported.get(key) ?? new Map<string, Verifier>();
  byAlgorithm.set(algorithm, verifier);
  imported.set(key, byAlgorithm);
  return verifier;
}

function webCryptoParameters(algorithm: string) {
  const name = WEBCRYPTO_NAMES[algorithm.slice(0, 2)];
  if (!name) return { name: "Ed25519" };

  const bits = Number(algorithm.slice(2));
  return {
    name,
    hash: `SHA-${bits}`,
    namedCurve: `P-${bits === 512 ? 521 : bits}`,
    saltLength: bits / 8,
  };
}
