// @ts-check
// JWTs by every algorithm, checked with what each runtime has for it; none of them lacks any. The
// issuer is a function.
import { equal, ok } from "./assert.js";

/** @type {import("./index.js").Suite} */
export function algorithms({ ec, signed: { issuer, audience, tokens } }) {
  const headers = { "content-type": "application/json" };

  return tokens.flatMap(({ algorithm, jwk, token }) => {
    const answer = JSON.stringify({ keys: [jwk] });
    const send = async () => new Response(answer, { headers });
    const verify = (/** @type {string} */ text) =>
      ec
        .tokenVerifier({
          issuer,
          audience,
          jwksUri: `${issuer}/keys`,
          fetch: send,
          projectId: algorithm,
        })
        .verify(text);
    const [header, claims, signature] = token.split(".");
    const others = {
      claims: `${header}.${changed(claims)}.${signature}`,
      "bytes as signature": `${header}.${claims}.${changed(signature)}`,
    };

    return [
      {
        name: `${algorithm}: a token is taken`,
        async run() {
          const { iss, aud } = await verify(token);
          equal([iss, aud], [issuer, audience]);
        },
      },
      ...Object.entries(others).map(([what, other]) => ({
        name: `${algorithm}: a token with other ${what} is refused`,
        async run() {
          const error = await verify(other).catch((error) => error);
          ok(error instanceof ec.AuthError, `expected an AuthError, got ${JSON.stringify(error)}`);
          equal([error.code, error.category], ["token_invalid", "rejected"]);
        },
      })),
    ];
  });
}

/**
 * One character in the midst.
 *
 * @param {string} part
 */
function changed(part) {
  const at = part.length >> 1;
  return `${part.slice(0, at)}${part[at] === "A" ? "B" : "A"}${part.slice(at + 1)}`;
}
