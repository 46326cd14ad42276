// The server's end: metadata, challenges, and who calls.
import { AuthError } from "edge-credentials";
import type { Claims, Requirements, TokenVerifier } from "edge-credentials";
import { deepFreeze } from "../core/deep-freeze.js";
import { rejected } from "../core/error-constructors.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { metadataResponse } from "./metadata-response.js";
import { gateOptions } from "./gate-options.js";
import type { McpAuthInfo, McpGate, McpGateOptions, ValidatedToken } from "./types.js";

/** The categories of errors that are answered by a challenge. */
const ANSWERED = ["rejected", "unavailable", "malformed"];

/** The codes of tokens that are good, but not for this. */
const INSUFFICIENT = ["scope_insufficient", "role_insufficient", "claim_refused"];

/**
 * Makes the gate of an MCP server: it serves the server's metadata (RFC 9728), answers to requests
 * without a good token, and says who calls. It does no I/O by itself, so it may be made at module
 * level.
 *
 * @param verifier decides on tokens. Its `audience` is the server's resource, with ZITADEL its
 *   project
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function mcpGate(verifier: TokenVerifier, options: McpGateOptions): McpGate {
  const { resource, metadataUrl, metadata, scopes, sdkError, challenge, verify } = gateOptions(
    verifier,
    options,
  );
  const metadataPath = new URL(metadataUrl).pathname;
  const advertised = { resourceMetadata: metadataUrl, ...(scopes && { scope: scopes }) };

  const infoOf = (claims: Claims): McpAuthInfo => ({
    token: "",
    clientId: clientOf(claims),
    scopes: scopesOf(claims),
    ...(typeof claims.exp === "number" && { expiresAt: claims.exp }),
    resource: new URL(resource),
    resourceMetadataUrl: metadataUrl,
    extra: { claims },
  });

  async function gate(
    request: Request,
    requirements?: Requirements,
  ): Promise<Response | McpAuthInfo> {
    if (pathOf(request) === metadataPath) return metadataResponse(request, metadata);
    try {
      return infoOf(await verify(request, requirements));
    } catch (error) {
      if (error instanceof AuthError && ANSWERED.includes(error.category)) {
        return challenge(error, advertised);
      }
      throw error;
    }
  }

  async function verifyAccessToken(token: string): Promise<McpAuthInfo> {
    try {
      const info = infoOf(await verify(readToken(token)));
      if (info.expiresAt === undefined) throw endless();
      return info;
    } catch (error) {
      if (!sdkError || !(error instanceof AuthError) || error.category !== "rejected") throw error;
      // None of the error's texts: the SDK sends the message to the caller.
      throw INSUFFICIENT.includes(error.code)
        ? sdkError("insufficient_scope", "the access token does not permit this")
        : sdkError("invalid_token", "the access token is not accepted");
    }
  }

  async function validateToken(asked: string, token: string): Promise<ValidatedToken | null> {
    if (
      typeof asked !== "string" ||
      !URL.canParse(asked) ||
      new URL(asked).href !== new URL(resource).href
    )
      return null;
    try {
      const claims = await verify(readToken(token));
      const { scopes, expiresAt, clientId } = infoOf(claims);
      return {
        props: { claims },
        audience: asked,
        ...(expiresAt !== undefined && { expiresAt }),
        scope: scopes,
        ...(claims.sub !== undefined && { userId: claims.sub }),
        clientId,
      };
    } catch (error) {
      if (error instanceof AuthError && error.category === "rejected") return null;
      throw error;
    }
  }

  return Object.freeze(
    Object.assign(gate, {
      metadata: deepFreeze(metadata),
      metadataUrl,
      verifyAccessToken,
      validateToken,
    }),
  );
}

function clientOf({ client_id, azp }: Claims): string {
  return client_id ?? (typeof azp === "string" ? azp : "");
}

function pathOf(request: Request): string {
  const url: unknown = guardReads(() => Object(request).url);
  if (typeof url === "string" && URL.canParse(url)) return new URL(url).pathname;
  throw invalidOption(
    "a gate takes a standard Request, with its whole address",
    "pass the runtime's or the framework's, with Hono `c.req.raw`",
  );
}

function scopesOf({ scope }: Claims): string[] {
  return scope ? scope.split(" ") : [];
}

/**
 * Returns a token that the SDKs pass. The verifier would read a request, too.
 *
 * @throws {AuthError} `token_malformed`, `option_invalid`
 */
function readToken(token: unknown): string {
  if (typeof token === "string") {
    if (!/^bearer /i.test(token)) return token;
    // The client chose it: the middleware has cut the scheme off.
    throw rejected("token_malformed", "the token begins with a scheme", "send the scheme once");
  }
  throw invalidOption("the token is no string", "pass the token's text, or call the gate itself");
}

function endless(): AuthError {
  return rejected(
    "token_invalid",
    "the token has no end, and the SDK takes none without",
    "let the issuer write `exp`, or call the gate itself instead of the SDK's middleware",
  );
}
