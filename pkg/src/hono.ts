// The middleware for Hono. It imports the package by name, so that the runtime's conditions select
// the entry, which is the one that the application uses too.
import { AuthError, checkRequirements, tokenVerifier } from "edge-credentials";
import type {
  ChallengeOptions,
  Claims,
  Requirements,
  TokenVerifier,
  TokenVerifierOptions,
} from "edge-credentials";
import type { Context, MiddlewareHandler } from "hono";
import { guardReads, invalidOption } from "./core/guard-reads.js";

export type {
  ChallengeOptions,
  Claims,
  Requirements,
  TokenVerifier,
  TokenVerifierOptions,
} from "edge-credentials";

/** The categories of errors that are answered by a challenge. */
const ANSWERED = ["rejected", "unavailable", "malformed"];

/**
 * Creates Hono middleware that accepts only requests with a valid access token. `c.get("claims")`
 * then returns the token's claims, of which `sub` identifies the caller.
 *
 * The verifier's `challenge` answers a bad token and an unreachable provider. Errors of the API
 * itself go to the application's `onError`, which by default logs them and answers 500.
 *
 * @param verifier a verifier, or a function that returns the options of one, for bindings that
 *   exist only in a request. Equal options make one verifier; define functions among them at module
 *   level
 * @param requirements what the token must have in addition to what the verifier requires. With
 *   ZITADEL require a `role`, since it grants any scope
 * @param options what a challenge tells in addition, such as `resourceMetadata`, the address of the
 *   API's metadata (RFC 9728)
 * @throws {AuthError} `option_invalid`
 */
export function bearerAuth(
  verifier: TokenVerifier | ((c: Context) => TokenVerifierOptions | Promise<TokenVerifierOptions>),
  requirements?: Requirements,
  options?: ChallengeOptions,
): MiddlewareHandler<{ Variables: { claims: Claims } }> {
  // Read and checked here, so that mistakes are reported before the first request.
  const fixed: TokenVerifier = guardReads(() => ({
    verify: Object(verifier).verify,
    challenge: Object(verifier).challenge,
  }));
  if (typeof verifier !== "function" && typeof fixed.verify !== "function") {
    throw invalidOption(
      "`bearerAuth` takes a verifier, or a function that gives its options",
      "write `bearerAuth(tokenVerifier({ … }))`",
    );
  }
  if (requirements !== undefined) checkRequirements(requirements);
  if (typeof verifier !== "function" && options !== undefined) {
    // Reports a mistake in them before the first request.
    fixed.challenge(undefined, options);
  }

  return async (c, next) => {
    const { verify, challenge } =
      typeof verifier === "function" ? tokenVerifier(await verifier(c)) : fixed;
    try {
      c.set("claims", await verify(c.req.raw, requirements));
    } catch (error) {
      if (error instanceof AuthError && ANSWERED.includes(error.category)) {
        return challenge(error, options);
      }
      throw error;
    }
    await next();
  };
}
