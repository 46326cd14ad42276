// The options of a token source: types and checks.
import type { Fetch } from "../io/fetch.js";
import type { KeyInput, SignatureAlgorithm } from "../protocol/import-key.js";
import type { SourceEvent } from "../io/events.js";
import type { ClientAuth } from "../client-auth/client-auth.js";
import { isClientKey } from "../client-auth/client-auth.js";
import {
  checkOptions,
  guardReads,
  hasOption,
  invalidOption,
  isPlain,
} from "../core/check-options.js";
import { keyText } from "../protocol/webcrypto.js";
import { joinList } from "../protocol/response.js";
export type { Fetch } from "../io/fetch.js";

/** The default of `timeout`, ms. */
export const TIMEOUT = 20_000;

/**
 * The options of `tokenSource`. A service user authenticates with a secret or a key, or has an
 * access token already.
 */
export type TokenSourceOptions = SecretSourceOptions | KeySourceOptions | AccessTokenSourceOptions;

/** The options of a source with a client id and a secret. */
export type SecretSourceOptions = ServerOptions & SourceOptions & SecretSourceCredentials;

export interface SecretSourceCredentials {
  /** with ZITADEL the service user's login name */
  clientId: string;
  /**
   * for a secret that rotates a function, which is called once, and again when the server refuses
   * the credentials
   */
  clientSecret: string | (() => string | Promise<string>);
  /** by default what the metadata permit, otherwise `client_secret_basic` */
  clientAuth?: "client_secret_basic" | "client_secret_post";
}

/**
 * The options of a source with a private key. It uses ZITADEL's JWT profile, for which the key file
 * of a service user is enough; or, if there is a `clientId`, `private_key_jwt`.
 */
export type KeySourceOptions = ServerOptions & SourceOptions & KeySourceCredentials;

export interface KeySourceCredentials {
  /**
   * a ZITADEL key file, a PEM or a JWK; for a key that rotates a function, which is called once,
   * and again when the server refuses the assertion or the key has expired
   */
  key: KeyInput | (() => KeyInput | Promise<KeyInput>);
  /** selects client credentials with `private_key_jwt` */
  clientId?: string;
  /**
   * selects the same without a `clientId`, which is then taken from an application's key file; it
   * also overrides the metadata
   */
  clientAuth?: "private_key_jwt";
  /** the owner of the key, if the key does not name it and there is no `clientId` */
  userId?: string;
  /** the key's name at the server, if the key does not hold it */
  keyId?: string;
  /** by default what the key says, otherwise RS256, ES256 or EdDSA, by the type of the key */
  algorithm?: SignatureAlgorithm;
  /** the audience of assertions, by default the issuer, otherwise the token endpoint */
  assertionAudience?: string;
}

/**
 * The options of a source with a personal access token, or another token that was issued elsewhere.
 * The source sends no token request, and sends the token only to `allowedOrigins`.
 */
export interface AccessTokenSourceOptions {
  accessToken: string;
  /** where `fetch` may send the token, such as `https://api.example` */
  allowedOrigins?: string[];
  /** used instead of the runtime's */
  fetch?: Fetch;
  /**
   * permits http to hosts other than loopback. **Warning**: the token then crosses the network
   * unencrypted
   */
  insecureHttp?: boolean;
  /** gets no event at present, since nothing happens to such a token */
  onEvent?: (event: SourceEvent) => void;
}

/**
 * The authorization server. Set `issuer`, whose metadata then name the endpoint, or
 * `tokenEndpoint`.
 */
export interface ServerOptions {
  /**
   * exactly as the server names itself; ZITADEL's is `https://<instance>`, without a slash at the
   * end
   */
  issuer?: string;
  /** with it, no metadata are requested */
  tokenEndpoint?: string;
}

/** What a token is for, and how it is requested. */
export interface SourceOptions {
  /** a list, or one string separated by spaces */
  scope?: string | string[];
  /** the APIs that the token is for, as absolute URIs (RFC 8707 section 2) */
  resource?: string | string[];
  /** additional parameters that the server defines, such as `audience` */
  params?: Record<string, string>;
  /**
   * where `fetch` may send the token in addition to the origins of `issuer` and `tokenEndpoint`,
   * such as `https://api.example`
   */
  allowedOrigins?: string[];
  /** used instead of the runtime's */
  fetch?: Fetch;
  /** ms that one call of `get` may take, by default 20 000 */
  timeout?: number;
  /**
   * permits http to hosts other than loopback. **Warning**: credentials and tokens then cross the
   * network unencrypted; use it only in closed networks such as Docker's
   */
  insecureHttp?: boolean;
  /** is called with what happens; of equal sources, only the last one given is called */
  onEvent?: (event: SourceEvent) => void;
}

/** The checked options: those of one kind of source, and none of the other kinds. */
export type AnySourceOptions = ServerOptions &
  SourceOptions &
  Partial<
    Omit<SecretSourceCredentials, "clientAuth"> &
      Omit<KeySourceCredentials, "clientAuth"> &
      AccessTokenSourceOptions
  > & { clientAuth?: ClientAuth };

const SERVER = { issuer: "string", tokenEndpoint: "string" } as const;
const SECRET = {
  clientId: "string!",
  clientSecret: "secret!",
  clientAuth: "string",
} as const;
const KEY = {
  key: "keyOrFunction!",
  clientId: "string",
  clientAuth: "string",
  userId: "string",
  keyId: "string",
  algorithm: "string",
  assertionAudience: "string",
} as const;
const COMMON = {
  allowedOrigins: "strings",
  fetch: "function",
  insecureHttp: "boolean",
  onEvent: "function",
} as const;
const REQUEST = {
  scope: "strings",
  resource: "strings",
  params: "record",
  allowedOrigins: "strings",
  fetch: "function",
  timeout: "duration",
  insecureHttp: "boolean",
  onEvent: "function",
} as const;

/**
 * Checks the options of `tokenSource` and returns a copy of them.
 *
 * @throws {AuthError} `option_invalid`
 */
export function checkSourceOptions(options: TokenSourceOptions): AnySourceOptions {
  const given = options as AnySourceOptions;
  if (hasOption(given, "accessToken")) {
    const kinds = { accessToken: "string!", ...COMMON } as const;
    return checkOptions("tokenSource with `accessToken`", given, kinds);
  }
  if (hasOption(given, "key")) return checkKeyOptions(given);

  // Without any of them, the caller may have guessed a name.
  if (guardReads(() => isPlain(given)) && !hasOption(given, "clientSecret")) {
    throw invalidOption(
      "none of `clientSecret`, `key` and `accessToken` is given",
      "give a client id and a secret, a private key, or an access token that is there already",
    );
  }
  return checkOptions("tokenSource", given, { ...SERVER, ...SECRET, ...REQUEST });
}

function checkKeyOptions(given: AnySourceOptions) {
  const kinds = { ...SERVER, ...KEY, ...REQUEST };
  const checked = checkOptions("tokenSource with `key`", given, kinds);
  // Serialized once, since a second read of an object may give another key.
  if (typeof checked.key !== "function") checked.key = keyText(checked.key);

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
  return checked;
}

/**
 * Returns what distinguishes sources: the data, and the functions, which are compared by identity.
 *
 * @param origins the values of `allowedOrigins`, sorted and unique
 */
export function sourceIdentity(
  checked: AnySourceOptions,
  origins: string[],
): [data: unknown[], functions: (Function | undefined)[]] {
  const { clientSecret, key, fetch, scope, resource, params = {}, ...others } = checked;
  delete others.onEvent;
  const named = Object.entries({
    timeout: TIMEOUT,
    insecureHttp: false,
    ...others,
    allowedOrigins: origins,
  });

  const data = [
    named.sort(),
    valueUnlessFunction(clientSecret),
    valueUnlessFunction(key),
    joinList(scope),
    joinList(resource),
    Object.entries(params).sort(),
  ];
  return [data, [functionOf(clientSecret), functionOf(key), fetch]];
}

function functionOf(value: unknown) {
  return typeof value === "function" ? value : undefined;
}

function valueUnlessFunction(value: unknown) {
  return typeof value === "function" ? undefined : value;
}
