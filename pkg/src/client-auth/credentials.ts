// What a request authenticates with.
import type * as core from "../core/calls.js";
import type { AuthError } from "../core/errors.js";
import type { RotatingCredential } from "./rotating-credential.js";

/** How a source authenticates at the token endpoint. */
export type AuthenticationMethod = "client_secret" | "private_key_jwt" | "jwt_profile";

/** The credentials of one request. */
export interface Credentials {
  clientId: string | undefined;
  clientSecret: string | undefined;
  clientAssertion: string | undefined;
  assertion: string | undefined;
}

// Every name is given: one that is missing could be read from a polluted prototype.
export const NO_CREDENTIALS: Credentials = {
  clientId: undefined,
  clientSecret: undefined,
  clientAssertion: undefined,
  assertion: undefined,
};

/** Makes the credentials of a request. */
export interface ClientAuthentication {
  method: AuthenticationMethod;
  /** what can be checked of the credentials before there is a secret or an assertion */
  known: KnownCredentials;
  /** the credentials of every request, if they are always the same */
  fixed: Credentials | undefined;
  /**
   * returns the credentials of one request
   *
   * @param tokenEndpoint where it is sent
   */
  get: (tokenEndpoint?: string) => Promise<Credentials>;
  /** the secret or the key, which may change */
  rotation: Rotation;
}

/** What the server says of a credential, and what becomes of it. */
export type Rotation = Omit<RotatingCredential, "get"> & Partial<Pick<RotatingCredential, "get">>;

/**
 * The errors after which a new secret or key may help. `option_invalid`: the caller's function
 * returned an unusable value, and the next one may be better.
 */
const CREDENTIAL_ERRORS = [
  "credentials_refused",
  "secret_not_ready",
  "key_expired",
  "option_invalid",
];

export function isAboutCredentials({ code }: AuthError): boolean {
  return CREDENTIAL_ERRORS.includes(code);
}

/** Of what is made anew for each request, or never changes. */
export const NO_ROTATION: Rotation = {
  generation: () => 0,
  renew: async () => false,
  accept() {},
  pausedUntil: () => undefined,
  takeFresh: () => false,
};

/** What the core checks of credentials before they are complete. */
export type KnownCredentials = Omit<Parameters<typeof core.checkCredentials>[0], "clientAuth">;

export const NOTHING_KNOWN: KnownCredentials = {
  clientId: undefined,
  clientSecret: undefined,
  subject: undefined,
  keyId: undefined,
  algorithm: undefined,
  audience: undefined,
  moreHeader: undefined,
  moreClaims: undefined,
};
