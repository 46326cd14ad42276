// Checks what a gate is made of, before the first request.
import { AuthError } from "edge-credentials";
import type { ChallengeOptions, TokenVerifier } from "edge-credentials";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { metadataAddress, readExactAddress } from "./address.js";
import { givenOptions } from "./given-options.js";
import type { McpGateOptions, ResourceMetadata } from "./types.js";

interface CheckedGate {
  resource: string;
  metadataUrl: string;
  metadata: ResourceMetadata;
  scopes: string[] | undefined;
  sdkError: McpGateOptions["sdkError"];
  verify: TokenVerifier["verify"];
  challenge: (error: unknown, options: ChallengeOptions) => Response;
}

/** @throws {AuthError} `option_invalid`, `url_insecure` */
export function gateOptions(verifier: TokenVerifier, options: McpGateOptions): CheckedGate {
  const { verify, challenge, issuers } = guardReads(() => ({
    verify: Object(verifier).verify,
    challenge: Object(verifier).challenge,
    issuers: Object(verifier).issuers,
  }));
  if (typeof verify !== "function" || typeof challenge !== "function") {
    throw invalidOption(
      "`mcpGate` takes a verifier",
      "write `mcpGate(tokenVerifier({ … }), { resource })`",
    );
  }
  const given = givenOptions<McpGateOptions>("mcpGate", options, {
    resource: "any",
    scopes: "any",
    authorizationServers: "any",
    sdkError: "function",
    insecureHttp: "boolean",
  });
  if (given.resource === undefined) {
    throw invalidOption("`resource` is missing", "write the server's address, as clients have it");
  }
  const { insecureHttp = false, sdkError } = given;
  const url = readExactAddress("resource", given.resource, insecureHttp);
  if (url.search !== "") {
    throw invalidOption("`resource` has a query", "leave it out (RFC 8707 section 2)");
  }

  const resource = String(given.resource);
  const metadataUrl = metadataAddress(url);
  const scopes = listOf("scopes", given.scopes)?.flatMap((text) => text.split(" "));
  // Reports scopes that a challenge cannot hold.
  tryChallenge(challenge, { resourceMetadata: metadataUrl, ...(scopes && { scope: scopes }) });
  const servers = listOf("authorizationServers", given.authorizationServers) ?? issuers ?? [];
  const metadata = {
    resource,
    authorization_servers: servers.map((server: string) => {
      readExactAddress("authorizationServers", server, insecureHttp);
      return server;
    }),
    ...(scopes && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
  };
  if (metadata.authorization_servers.length === 0 || servers.join().includes("{")) {
    throw invalidOption(
      "`authorizationServers` is missing",
      "name where clients log in: the verifier's issuers do not say it",
    );
  }
  return { resource, metadataUrl, metadata, scopes, sdkError, verify, challenge };
}

function tryChallenge(challenge: CheckedGate["challenge"], options: ChallengeOptions): void {
  try {
    challenge(undefined, options);
  } catch (thrown) {
    if (thrown instanceof AuthError) throw thrown;
    throw invalidOption("the verifier's `challenge` threw an error", "pass a verifier, unchanged");
  }
}

function listOf(name: string, given: unknown): string[] | undefined {
  if (given === undefined) return undefined;
  const list: unknown[] = guardReads(() => [given].flat());
  const texts = list.filter((one) => typeof one === "string" && one !== "") as string[];
  if (texts.length > 0 && texts.length === list.length) return texts;
  throw invalidOption(`\`${name}\` is empty, or no list of strings`, "name them, or leave it out");
}
