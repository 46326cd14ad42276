// The options of a token source: what is checked beyond their kinds.
import { isClientKey } from "../client-auth/client-auth.js";
import { tokenSourceOptionsKinds } from "../core/calls.js";
import type { CheckedTokenSourceOptions, TokenSourceOptions } from "../core/calls.js";
import { checkerOfAlternatives, hasOption } from "../core/check.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { isPlain } from "../core/values.js";

/** The default of `timeout`, ms. */
const TIMEOUT = 20_000;

/** The checked options, with their defaults. */
export interface SourceOptions extends CheckedTokenSourceOptions {
  timeout: number;
  insecureHttp: boolean;
  /** sorted, each once */
  allowedOrigins: string[];
}

const check = checkerOfAlternatives<CheckedTokenSourceOptions>(
  "tokenSource",
  tokenSourceOptionsKinds,
);

/**
 * Checks the options of `tokenSource` and returns a copy of them.
 *
 * @throws {AuthError} `option_invalid`
 */
export function checkSourceOptions(options: TokenSourceOptions): SourceOptions {
  refuseWithoutCredentials(options);
  const checked = check(options);
  const { timeout = TIMEOUT, insecureHttp = false, allowedOrigins = [] } = checked;
  if (checked.key !== undefined) checkKeyOptions(checked);
  refuseUserNumber(checked);
  const { assertion, clientId, clientSecret } = checked;
  if (assertion && (clientId === undefined) !== (clientSecret === undefined)) {
    throw invalidOption(
      "`clientId` and `clientSecret` go together beside an `assertion`",
      "give both, for a server that wants client credentials too, or neither",
    );
  }
  if (
    checked.accessToken === undefined &&
    checked.request === undefined &&
    (checked.tokenEndpoint ?? checked.issuer) === undefined
  ) {
    throw invalidOption("`issuer` or `tokenEndpoint` is missing", "set one of them");
  }

  return {
    ...checked,
    // In one form, so that equal options give the same source.
    scope: checked.scope || undefined,
    resource: checked.resource || undefined,
    params: checked.params?.split("&").sort().join("&") || undefined,
    allowedOrigins: [...new Set(allowedOrigins)].sort(),
    timeout,
    insecureHttp,
  };
}

/** Without any credentials, the caller may have guessed a name. */
function refuseWithoutCredentials(options: unknown): void {
  const names = Object.keys(tokenSourceOptionsKinds);
  if (names.some((name) => hasOption(options, name))) return;
  if (!guardReads(() => isPlain(options))) return;
  throw invalidOption(
    `none of ${names.join(", ")} is given`,
    "give a client id and a secret, a private key, or an access token that is there already",
  );
}

/** The most common mistake with ZITADEL, which answers that it knows no such client. */
function refuseUserNumber({ clientId, clientSecret, ...options }: CheckedTokenSourceOptions): void {
  const { issuer, tokenEndpoint, scope } = options;
  const isZitadel =
    /zitadel/i.test(`${issuer} ${tokenEndpoint}`) || scope?.includes("urn:zitadel:");
  if (!isZitadel || clientSecret === undefined || !/^\d{15,}$/.test(clientId ?? "")) return;
  throw invalidOption(
    "`clientId` is a number",
    "with ZITADEL it is the login name of the service user, such as `my-service`",
  );
}

function checkKeyOptions(checked: CheckedTokenSourceOptions): void {
  if (isClientKey(checked) && checked.userId !== undefined) {
    throw invalidOption(
      "`userId` does not go with a client",
      "leave it out for `private_key_jwt`, and the client for the JWT profile",
    );
  }
  if (checked.clientAuth !== undefined && checked.clientAuth !== "private_key_jwt") {
    throw invalidOption(
      "`clientAuth` does not fit a key",
      "with a key it can only be `private_key_jwt`",
    );
  }
}
