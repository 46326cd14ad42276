// The origins that may receive a token.
import { misuse } from "../core/error-constructors.js";
import { invalidOption } from "../core/guard-reads.js";
import { checkAddress } from "../protocol/request.js";
import type { SourceOptions } from "./options.js";

/** How messages name an allowed origin. */
const WHAT = "one of `allowedOrigins`";

/** @throws {AuthError} `option_invalid`, `url_insecure` */
export function checkAllowedOrigins({ allowedOrigins, insecureHttp }: SourceOptions): void {
  for (const address of allowedOrigins) {
    checkAddress(WHAT, address, insecureHttp);
    const { origin } = new URL(address);
    if (address !== origin) {
      throw invalidOption("one of `allowedOrigins` is more than an origin", `write \`${origin}\``);
    }
  }
}

/** The origins that may get a token: those of the server and those of `allowedOrigins`. */
export function allowedOriginsOf({
  issuer,
  tokenEndpoint,
  allowedOrigins,
}: SourceOptions): Set<string> {
  const serverOrigins = [issuer, tokenEndpoint].flatMap((address) =>
    address && URL.canParse(address) ? [new URL(address).origin] : [],
  );
  return new Set([...allowedOrigins, ...serverOrigins]);
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
