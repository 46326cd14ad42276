// The middleware for Hono. It imports the package by name, so that the runtime's conditions select
// the entry, which is the one that the application uses too.
import { AuthError, tokenVerifier } from "edge-credentials";
import { checkOptions, guardReads, invalidOption } from "./core/check-options.js";
import { REQUIREMENT_KINDS, scopesOf } from "./token-verifier/requirements.js";

/**
 * @import {
 *   Context,
 *   MiddlewareHandler
 * } from "hono"
 */

/** @typedef {import("./token-verifier/token-verifier.js").TokenVerifier} TokenVerifier */
/** @typedef {import("./token-verifier/token-verifier.js").TokenVerifierOptions} TokenVerifierOptions */
/** @typedef {import("./token-verifier/token-verifier.js").Requirements} Requirements */
/** @typedef {import("./token-verifier/token-verifier.js").Claims} Claims */

/** The categories of errors that are answered by a challenge. */
const ANSWERED = ["rejected", "unavailable", "malformed"];

/**
 * Creates Hono middleware that accepts only requests with a valid access token. `c.get("claims")`
 * then returns the token's claims, of which `sub` identifies the caller.
 *
 * The verifier's `challenge` answers a bad token and an unreachable provider. Errors of the API
 * itself go to the application's `onError`, which by default logs them and answers 500.
 *
 * @param {TokenVerifier | ((c: Context) => TokenVerifierOptions | Promise<TokenVerifierOptions>)} verifier
 *   a verifier, or a function that returns the options of one, for bindings that exist only in a
 *   request. Equal options make one verifier; define functions among them at module level
 * @param {Requirements} [requirements] what the token must have in addition to what the verifier
 *   requires. With ZITADEL require a `role`, since it grants any scope
 * @returns {MiddlewareHandler<{ Variables: { claims: Claims } }>}
 * @throws {AuthError} `option_invalid`
 */
export function bearerAuth(verifier, requirements) {
  // Read and checked here, so that mistakes are reported before the first request.
  /** @type {TokenVerifier} */
  const fixed = guardReads(() => ({
    verify: Object(verifier).verify,
    challenge: Object(verifier).challenge,
  }));
  if (typeof verifier !== "function" && typeof fixed.verify !== "function") {
    throw invalidOption(
      "`bearerAuth` takes a verifier, or a function that gives its options",
      "write `bearerAuth(tokenVerifier({ … }))`",
    );
  }
  if (requirements !== undefined) {
    scopesOf(checkOptions("bearerAuth", requirements, REQUIREMENT_KINDS));
  }

  return async (c, next) => {
    const { verify, challenge } =
      typeof verifier === "function" ? tokenVerifier(await verifier(c)) : fixed;
    try {
      c.set("claims", await verify(c.req.raw, requirements));
    } catch (error) {
      if (error instanceof AuthError && ANSWERED.includes(error.category)) return challenge(error);
      throw error;
    }
    await next();
  };
}
