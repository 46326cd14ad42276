// The origins that may receive a token.
import { AuthError } from "../core/errors.js";
import { misuse } from "../core/error-constructors.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import { invalidOption } from "../core/check-options.js";

/**
 * Returns the origins that may get a token: those of the server and those of `allowedOrigins`,
 * which are checked.
 *
 * @param addresses the server's
 * @param allowed the option `allowedOrigins`
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function resolveAllowedOrigins(
  addresses: (string | undefined)[],
  allowed: string[],
  insecureHttp: boolean,
): Set<string> {
  for (const text of allowed) {
    checkAddress(text, insecureHttp);
    const { origin } = new URL(text);
    if (text !== origin) {
      throw invalidOption("one of `allowedOrigins` is more than an origin", `write \`${origin}\``);
    }
  }

  const serverOrigins = addresses.flatMap((address) =>
    address && URL.canParse(address) ? [new URL(address).origin] : [],
  );
  return new Set([...allowed, ...serverOrigins]);
}

/** Applies the rules for an issuer: https, or http on loopback. */
function checkAddress(text: string, insecureHttp: boolean): void {
  try {
    buildMetadataRequest({ issuer: text, insecureHttp });
  } catch (thrown) {
    const { code, message, hint } = thrown as AuthError;
    throw new AuthError({
      code,
      category: "misuse",
      message: message.replace("the issuer", "one of `allowedOrigins`"),
      hint,
    });
  }
}

/**
 * Returns the origin of an http or https address, and `undefined` for any other: the origin of
 * `blob:https://a.example/1` would be `https://a.example`.
 */
export function httpOrigin(address: string) {
  const { protocol, origin } = new URL(address);
  return protocol === "https:" || protocol === "http:" ? origin : undefined;
}

/** @param origin `undefined`: the address is neither http nor https */
export function originRefused(origin: string | undefined) {
  if (origin === undefined) {
    return misuse(
      "origin_refused",
      "the address to fetch is neither https nor http",
      "only such addresses may get the token",
    );
  }

  const message = `${origin} is not among the origins that may get the token`;
  const hint = `if it may, add \`allowedOrigins: ["${origin}"]\` to the options of tokenSource`;
  return misuse("origin_refused", message, hint);
}
