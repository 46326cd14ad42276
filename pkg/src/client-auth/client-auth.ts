// How a client or a service user authenticates: by a secret, a key or the JWT profile.
import type {
  SecretCredentials,
  ClientAssertionCredentials,
  AssertionCredentials,
} from "../protocol/token.js";
import type { KeyInput, SigningKey, SignatureAlgorithm } from "../protocol/import-key.js";
import type { ReadKey } from "../protocol/webcrypto.js";
import { completeAssertion, prepareAssertion } from "../protocol/assertion.js";
import { run } from "../core/wasm.js";
import { rotatingCredential } from "./rotating-credential.js";
import { invalidOption } from "../core/check-options.js";
import { keyText, readKey, toSigningKey } from "../protocol/webcrypto.js";
export type { KeyInput, SigningKey } from "../protocol/import-key.js";

/** How a source authenticates at the token endpoint. */
export type AuthenticationMethod = "client_secret" | "private_key_jwt" | "jwt_profile";

export type Credentials = SecretCredentials | ClientAssertionCredentials | AssertionCredentials;

export type SecretAuth = SecretCredentials["clientAuth"];

/** Makes the credentials of a request. */
export interface ClientAuthentication {
  method: AuthenticationMethod;
  /**
   * checks the options without I/O and returns placeholders, with which the rest of a request can
   * be checked too
   */
  check: () => Credentials;
  /** returns the credentials of one request */
  get: () => Promise<Credentials>;
  /** calls the function for the secret or the key again, and tells whether the result is a new one */
  hasChanged: () => Promise<boolean>;
}

export type ClientAuth = "client_secret_basic" | "client_secret_post" | "private_key_jwt";

/** The options by which a client or a service user authenticates. */
export interface ClientAuthOptions {
  issuer?: string;
  tokenEndpoint?: string;
  clientId?: string;
  clientSecret?: string | (() => string | Promise<string>);
  clientAuth?: ClientAuth;
  userId?: string;
  key?: KeyInput | (() => KeyInput | Promise<KeyInput>);
  keyId?: string;
  algorithm?: SignatureAlgorithm;
  assertionAudience?: string;
}

/** Stands for an assertion while options are checked. */
const PLACEHOLDER_ASSERTION = "-.-.-";

/** Stands for a secret or a client id while options are checked. */
const PLACEHOLDER = "-";

export function clientAuthenticationOf(options: ClientAuthOptions): ClientAuthentication {
  return options.key === undefined ? secretAuthentication(options) : keyAuthentication(options);
}

function secretAuthentication({
  clientId = "",
  clientSecret = "",
  clientAuth,
}: ClientAuthOptions): ClientAuthentication {
  const client = {
    clientId,
    ...(clientAuth !== undefined && { clientAuth: clientAuth as SecretAuth }),
  };
  const secret = rotatingCredential("clientSecret", clientSecret, (value) =>
    typeof value === "string" ? value : undefined,
  );

  return {
    method: "client_secret",
    check: () => ({
      ...client,
      clientSecret: typeof clientSecret === "string" ? clientSecret : PLACEHOLDER,
    }),
    get: async () => ({ ...client, clientSecret: await secret.get() }),
    hasChanged: secret.hasChanged,
  };
}

function keyAuthentication(options: ClientAuthOptions): ClientAuthentication {
  const { issuer, tokenEndpoint, clientId, userId, key = "", keyId, algorithm } = options;
  const isClient = isClientKey(options);
  const owner = isClient ? "clientId" : "userId";
  const audience = options.assertionAudience ?? issuer ?? tokenEndpoint ?? "";
  const credential = rotatingCredential("key", key, keyText);
  let imported: { text: string; key: SigningKey } | undefined;

  const readChecked = (text: string | undefined) => {
    const read = readKey(text, { keyId, algorithm, holder: owner });
    checkOwner(read, options, owner);
    return read;
  };

  const credentialsOf = (subject: string, assertion: string): Credentials =>
    isClient ? { clientId: subject, clientAssertion: assertion } : { assertion };

  return {
    method: isClient ? "private_key_jwt" : "jwt_profile",

    check() {
      const read: Partial<ReadKey> = typeof key === "function" ? {} : readChecked(key as string);
      const subject = clientId ?? userId ?? read[owner] ?? PLACEHOLDER;
      run("checkAssertion", {
        algorithm: read.algorithm ?? algorithm ?? "RS256",
        keyId,
        // A client's id is checked with the token request.
        subject: isClient ? PLACEHOLDER : subject,
        audience,
      });
      return credentialsOf(subject, PLACEHOLDER_ASSERTION);
    },

    async get() {
      const text = await credential.get();
      // Keeps the key, not a promise of it: on workerd a promise belongs to the request that made
      // it.
      if (imported?.text !== text) {
        imported = { text, key: await toSigningKey(readChecked(text)) };
      }
      const signingKey = imported.key;

      const subject = clientId ?? userId ?? signingKey[owner] ?? "";
      const signingInput = prepareAssertion({ key: signingKey, subject, audience });
      const signature = await signingKey.sign(signingInput);
      return credentialsOf(subject, completeAssertion(signingInput, signature));
    },

    hasChanged: credential.hasChanged,
  };
}

/** Checks that a key's owner is known, and is the one that the options name. */
function checkOwner(
  read: ReadKey,
  { clientId, userId }: ClientAuthOptions,
  owner: "clientId" | "userId",
) {
  if (userId !== undefined && (read.userId ?? userId) !== userId) {
    throw invalidOption(
      "`userId` is another than the key file's",
      "leave it out: the file says whose key it is",
    );
  }

  if ((clientId ?? userId ?? read[owner]) === undefined) {
    const missing = owner === "clientId" ? "`clientId`" : "`userId` or `clientId`";
    const hint =
      "a bare key does not say whose it is: set `userId` for ZITADEL's JWT profile, " +
      "`clientId` for `private_key_jwt`";
    throw invalidOption(`${missing} is missing`, hint);
  }
}

/**
 * Whether a key authenticates a client (`private_key_jwt`). Otherwise it belongs to a service user
 * (JWT profile).
 */
export function isClientKey({
  clientId,
  clientAuth,
}: Pick<ClientAuthOptions, "clientId" | "clientAuth">) {
  return clientId !== undefined || clientAuth !== undefined;
}
