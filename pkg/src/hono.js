// For Hono. By the package's own name, so that each runtime gets the entry that is for it, and the one that the application has.
import { AuthError, tokenVerifier } from "edge-credentials";
import { checkOptions, invalidOption, guardReads } from "./core/check-options.js";
import { REQUIREMENT_KINDS, scopesOf } from "./token-verifier/requirements.js";

/** @typedef {import("./token-verifier/token-verifier.js").TokenVerifier} TokenVerifier */
/** @typedef {import("./token-verifier/token-verifier.js").TokenVerifierOptions} TokenVerifierOptions */
/** @typedef {import("./token-verifier/token-verifier.js").Requirements} Requirements */
/** @typedef {import("./token-verifier/token-verifier.js").Claims} Claims */

/**
 * Hono middleware that lets only requests with a good token by: `c.get("claims")` then has what the
 * token says. A bad token, or a provider that is down, is answered by the verifier's `challenge`;
 * what is the fault of this API's own goes to the application's `onError`, which by default logs it
 * and answers 500. The claim `sub` identifies the caller.
 *
 * @param {TokenVerifier
 *   | ((c: import("hono").Context) => TokenVerifierOptions | Promise<TokenVerifierOptions>)} verifier
 *   a verifier, or a function that gives the options of one, for bindings that are known in a request
 *   only. Equal options make one verifier; functions among them belong at module level
 * @param {Requirements} [requirements] what the token must have, beside what the verifier requires.
 *   With ZITADEL require a `role`: it grants any scope
 * @returns {import("hono").MiddlewareHandler<{ Variables: { claims: Claims } }>}
 * @throws {AuthError} `option_invalid`
 */
export function bearerAuth(verifier, requirements) {
  // Now, not with the first request.
  /** @type {TokenVerifier} */
  const given = guardReads(() => ({
    verify: Object(verifier).verify,
    challenge: Object(verifier).challenge,
  }));
  if (typeof verifier !== "function" && typeof given.verify !== "function") {
    throw invalidOption(
      "`bearerAuth` takes a verifier, or a function that gives its options",
      "write `bearerAuth(tokenVerifier({ … }))`",
    );
  }
  if (requirements !== undefined)
    scopesOf(checkOptions("bearerAuth", requirements, REQUIREMENT_KINDS));
  return async (c, next) => {
    const { verify, challenge } =
      typeof verifier === "function" ? tokenVerifier(await verifier(c)) : given;
    try {
      c.set("claims", await verify(c.req.raw, requirements));
    } catch (error) {
      if (
        error instanceof AuthError &&
        ["rejected", "unavailable", "malformed"].includes(error.category)
      )
        return challenge(error);
      throw error;
    }
    await next();
  };
}
