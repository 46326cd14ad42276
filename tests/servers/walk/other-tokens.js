// @ts-check
// Tokens of the issuer that are no access tokens: neither way of verifying accepts them.
import { askedBy } from "./introspection.js";
import { shapeOf } from "./observe.js";
import { outcomeOf } from "./step.js";

/** @typedef {Partial<import("./types.js").VerifierOptions>} Options */
/** @typedef {import("./types.js").Step} Step */

const KINDS = ["id_token", "refresh_token", "logout_token"];

/**
 * An API meets such a token with its own audience at worst: that is all that is asked of it at
 * first. Some cannot be told from an access token so; then a scope has to keep them out.
 *
 * @param {import("./types.js").Running} running
 * @param {Record<string, string>} tokens
 * @returns {import("./types.js").Case[]}
 */
export function otherTokens(running, tokens) {
  const { introspected, verifier: jwts } = running;
  const scope = jwts.scope ?? introspected?.verifier.scope;
  return KINDS.flatMap((kind) => {
    const token = tokens[kind];
    /** @type {(how: string, options: Options, known: boolean) => import("./types.js").Case} */
    const of = (how, options, known) => ({
      name: `${kind} ${how}`,
      expected: "refused",
      known: token !== undefined && known,
      async run(step) {
        step.note(shapeOf(token));
        const audience = audiencesOf(token);
        const outcome = await judged(step, token, { audience, ...options });
        if (outcome !== "accepted" || scope === undefined) return outcome;
        const again = await judged(step, token, { audience, ...options, scope });
        return again === "refused" ? "refused for its scope alone" : again;
      },
    });
    return [
      of("as a JWT", { accept: "jwt" }, true),
      of("by introspection", askedBy(running), introspected !== undefined),
    ];
  });
}

/** @type {(step: Step, token: string, options: Options) => Promise<string>} */
async function judged({ verifier, note }, token, options) {
  const outcome = await outcomeOf(verifier(options).verify(token), "accepted");
  note(outcome);
  const isRefused = /^(token|claim|scope|audience)_/.test(outcome);
  return isRefused ? "refused" : outcome;
}

/**
 * @param {string} token
 * @returns {string[]}
 */
function audiencesOf(token) {
  const [, claims] = token.split(".");
  if (!claims) return ["urn:none"];
  const { aud, azp, iss } = JSON.parse(Buffer.from(claims, "base64url").toString());
  return [aud, azp, iss].flat().filter((one) => typeof one === "string");
}
