import { AuthError } from "../core/errors.js";
import { misuse } from "../core/error-constructors.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import { invalidOption } from "../core/check-options.js";

/**
 * Where tokens may go.
 *
 * @param {(string | undefined)[]} addresses of the server
 * @param {string[]} allowed by the caller
 * @param {boolean} insecureHttp
 * @returns {Set<string>}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`
 */
export function resolveAllowedOrigins(addresses, allowed, insecureHttp) {
  for (const text of allowed) {
    checkAddress(text, insecureHttp);
    const { origin } = new URL(text);
    if (text !== origin)
      throw invalidOption("one of `allowedOrigins` is more than an origin", `write \`${origin}\``);
  }
  return new Set([
    ...allowed,
    ...addresses.flatMap((address) =>
      address && URL.canParse(address) ? [new URL(address).origin] : [],
    ),
  ]);
}

/**
 * The same rules as for an issuer: https, or http on loopback.
 *
 * @type {(text: string, insecureHttp: boolean) => void}
 */
function checkAddress(text, insecureHttp) {
  try {
    buildMetadataRequest({ issuer: text, insecureHttp });
  } catch (thrown) {
    const { code, message, hint } = /** @type {AuthError} */ (thrown);
    throw new AuthError({
      code,
      category: "misuse",
      message: message.replace("the issuer", "one of `allowedOrigins`"),
      hint,
    });
  }
}

/**
 * The origin of an address that is http or https; of others there is none: that of
 * `blob:https://a.example/1` would be `https://a.example`.
 *
 * @param {string} address
 */
export function httpOrigin(address) {
  const { protocol, origin } = new URL(address);
  return protocol === "https:" || protocol === "http:" ? origin : undefined;
}

/** @param {string | undefined} origin */
export function originRefused(origin) {
  if (origin === undefined)
    return misuse(
      "origin_refused",
      "the address to fetch is neither https nor http",
      "only such addresses may get the token",
    );
  const hint = `if it may, add \`allowedOrigins: ["${origin}"]\` to the options of tokenSource`;
  return misuse(
    "origin_refused",
    `${origin} is not among the origins that may get the token`,
    hint,
  );
}
