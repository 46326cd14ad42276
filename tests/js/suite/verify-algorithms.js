// @ts-check
// JWTs by every algorithm, checked with what each runtime has for it. The issuer is a function.
import { equal, ok } from "./assert.js";
import { runtime } from "./runtime.js";

/** Where an algorithm is missing. @type {Record<string, import("./runtime.js").Runtime[]>} */
const MISSING = {};

/** @type {import("./index.js").Suite} */
export function algorithms({ ec, signed: { issuer, audience, tokens } }) {
  const jwksUri = `${issuer}/keys`;

  return tokens.flatMap(({ algorithm, jwk, token }) => {
    const missing = MISSING[algorithm] ?? [];
    const answer = JSON.stringify({ keys: [jwk] });
    const headers = { "content-type": "application/json" };
    const verify = (/** @type {string} */ text) => ec.tokenVerifier({ issuer, audience, jwksUri, fetch: async () => new Response(answer, { headers }), projectId: algorithm }).verify(text);
    const [input, signature] = [token.slice(0, token.lastIndexOf(".")), token.slice(token.lastIndexOf(".") + 1)];
    const changed = `${input}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;

    return [
      {
        name: `${algorithm}: a token is taken${missing.length ? `, but by ${missing.join(" and ")}, where it is a misuse` : ""}`,
        async run() {
          const outcome = await verify(token).catch((error) => error);
          if (!missing.includes(runtime())) return equal([outcome.message, outcome.iss, outcome.aud], [undefined, issuer, audience]);
          equal([outcome.code, outcome.class, outcome.message], ["option_invalid", "misuse", "the runtime does not verify by the issuer's key"]);
        },
      },
      {
        name: `${algorithm}: a token that was changed is not`,
        async run() {
          const [header, claims] = input.split(".");
          const others = [changed, `${header}.${claims.slice(0, -4)}${claims.slice(-4) === "AAAA" ? "BBBB" : "AAAA"}.${signature}`];
          for (const other of others) {
            const error = await verify(other).catch((error) => error);
            ok(error instanceof ec.AuthError, `expected an AuthError, got ${JSON.stringify(error)}`);
            equal(error.code, missing.includes(runtime()) ? "option_invalid" : "token_invalid");
          }
        },
      },
    ];
  });
}
