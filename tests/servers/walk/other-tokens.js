// @ts-check
// Tokens of the issuer that are no access tokens: neither way of verifying accepts them.
import { askedBy } from "./introspection.js";
import { claimsOf, shapeOf } from "./observe.js";
import { outcomeOf } from "./step.js";

/** @typedef {Partial<import("./types.js").VerifierOptions>} Options */
/** @typedef {import("./types.js").Step} Step */

const KINDS = ["id_token", "refresh_token", "logout_token"];

/**
 * An API meets such a token with its own audience at worst, or with its client's name and a scope:
 * that is all that is asked of it at first. Some cannot be told from an access token so; then a
 * scope has to keep them out.
 *
 * @param {import("./types.js").Running} running
 * @param {Record<string, string>} tokens
 * @returns {import("./types.js").Case[]}
 */
export function otherTokens(running, tokens) {
  const { introspected, application } = running;
  const { audience = [], scope = "things:write" } = introspected?.verifier ?? running.verifier;
  return KINDS.flatMap((kind) => {
    const token = tokens[kind];
    const own = token === undefined ? [] : audiencesOf(token);
    /** @type {(how: string, tried: Options[], known: boolean) => import("./types.js").Case} */
    const of = (how, tried, known) => ({
      name: `${kind} ${how}`,
      expected: "refused",
      known: token !== undefined && known,
      async run(step) {
        step.note(shapeOf(token));
        let outcome = "refused";
        for (const options of tried)
          if (outcome === "refused") outcome = await judged(step, token, options, scope);
        return outcome;
      },
    });
    const asked = askedBy(running);
    return [
      of("as a JWT", [{ audience: own, accept: "jwt" }], true),
      of(
        "by introspection",
        [
          { ...asked, audience: [own, audience].flat() },
          { ...asked, clientId: application, scope: "openid" },
        ],
        introspected !== undefined,
      ),
    ];
  });
}

/**
 * @type {(
 *   step: Step,
 *   token: string,
 *   options: Options,
 *   scope: Options["scope"],
 * ) => Promise<string>}
 */
async function judged(step, token, options, scope) {
  const outcome = await verified(step, token, options);
  if (outcome !== "accepted" || options.scope !== undefined) return outcome;
  const again = await verified(step, token, { ...options, scope });
  return again === "refused" ? "refused for its scope alone" : again;
}

/** @type {(step: Step, token: string, options: Options) => Promise<string>} */
async function verified({ verifier, note }, token, options) {
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
  const { aud, azp, iss } = claimsOf(token) ?? {};
  const all = [aud, azp, iss].flat().filter((one) => typeof one === "string");
  return all.length > 0 ? all : ["urn:none"];
}
