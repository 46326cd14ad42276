import { failure } from "./attempt.js";
import { discover } from "./discovery.js";
import { misuse } from "./faults.js";
import { buildIntrospectionRequest } from "./introspection.js";
import { introspector } from "./introspector.js";
import { KeepFresh } from "./keep-fresh.js";
import { buildKeySetRequest, keySet } from "./key-set.js";
import { buildMetadataRequest } from "./metadata.js";
import { proofOf } from "./proof.js";
import { within } from "./transport.js";

/**
 * What a verifier asks its issuer, each kept as long as it is good: the keys, and what it says of tokens.
 * @param {import("./verifier-options.js").CheckedOptions} options
 * @param {(event: import("./events.js").SourceEvent) => void} report
 */
export function issuerOf({ issuer, client, introspects, jwksUri, introspectionEndpoint, insecureHttp, fetch }, report) {
  // Tells now what would be wrong later, and asks nobody for that.
  buildMetadataRequest({ issuer, insecureHttp });
  if (jwksUri !== undefined) buildKeySetRequest(jwksUri, insecureHttp);

  /** @type {(millis: number) => Promise<import("./keep-fresh.js").Attempt<import("./metadata.js").Metadata>>} */
  async function discovered(millis) {
    try {
      return await within(millis, "asking the issuer", (signal) => discover({ issuer, insecureHttp }, (found) => found, fetch, signal));
    } catch (thrown) {
      return failure(thrown);
    }
  }
  const metadata = new KeepFresh("metadata", discovered, report);
  /** @type {(name: "jwksUri" | "introspectionEndpoint", given: string | undefined) => import("./key-set.js").Asking} */
  const asking = (name, given) => ({
    async where(millis, signal) {
      if (given !== undefined) return given;
      const found = (await metadata.get(millis, signal))[name];
      if (found === null) throw misuse("endpoint_not_found", `the metadata name no \`${name === "jwksUri" ? "jwks_uri" : "introspection_endpoint"}\``, `set \`${name}\`, if the server has one`);
      return found;
    },
    // The endpoint may have moved.
    onFailure: ({ code }) => given === undefined && code.startsWith("endpoint_") && metadata.renew(),
    ...{ insecureHttp, fetch, report },
  });
  const keys = keySet(asking("jwksUri", jwksUri));
  if (!client || !introspects) return { keys };

  // As a source of tokens would prove it.
  const proof = proofOf(Object.assign(Object.create(null), { issuer, ...("key" in client && { clientAuth: "private_key_jwt" }) }, client));
  buildIntrospectionRequest({ introspectionEndpoint: introspectionEndpoint ?? issuer, token: "-", insecureHttp, .../** @type {import("./token.js").SecretProof} */ (proof.check()) });
  return { keys, introspection: introspector({ ...asking("introspectionEndpoint", introspectionEndpoint), proof }) };
}
