// How a client or a service user authenticates: by a secret, a key or the JWT profile.
import * as core from "../core/calls.js";
import type { KeyFields } from "../core/calls.js";
import type { SourceEvent } from "../core/events.js";
import type { AuthorizationServer } from "../core/types.js";
import { invalidOption } from "../core/guard-reads.js";
import { keyText } from "../core/key-text.js";
import { isText } from "../core/values.js";
import { completeAssertion } from "../protocol/assertion.js";
import type { SigningKey } from "../protocol/import-key.js";
import { readKey, toSigningKey } from "../protocol/webcrypto.js";
import { assertionAuthentication, clientAssertionAuthentication } from "./given-assertion.js";
import { keyExpiryReporter } from "./key-expiry.js";
import { rotatingCredential } from "./rotating-credential.js";
import { NO_CREDENTIALS, NOTHING_KNOWN } from "./credentials.js";
import type { ClientAuthentication } from "./credentials.js";

/** The options by which a client or a service user authenticates, checked. */
export interface ClientAuthOptions {
  issuer: string | undefined;
  tokenEndpoint: string | undefined;
  clientId: string | undefined;
  clientSecret: string | (() => unknown) | undefined;
  clientAuth: string | undefined;
  userId: string | undefined;
  key: string | (() => unknown) | undefined;
  keyId: string | undefined;
  algorithm: string | undefined;
  assertionAudience: string | undefined;
  assertionHeader: string | undefined;
  assertionClaims: string | undefined;
  assertion: ((server: AuthorizationServer) => unknown) | undefined;
  clientAssertion: ((server: AuthorizationServer) => unknown) | undefined;
}

/** @throws {AuthError} `option_invalid` for a key that cannot be read */
export function clientAuthenticationOf(
  options: ClientAuthOptions,
  report: (event: SourceEvent) => void,
): ClientAuthentication {
  const { key, assertion, clientAssertion } = options;
  if (assertion) return assertionAuthentication(options, assertion);
  if (clientAssertion) return clientAssertionAuthentication(options, clientAssertion);
  return key === undefined
    ? secretAuthentication(options)
    : keyAuthentication(options, key, report);
}

function secretAuthentication({
  clientId = "",
  clientSecret = "",
}: ClientAuthOptions): ClientAuthentication {
  const secret = rotatingCredential("clientSecret", clientSecret, (value) =>
    isText(value) ? value : undefined,
  );
  const fixed =
    typeof clientSecret === "string" ? { ...NO_CREDENTIALS, clientId, clientSecret } : undefined;

  return {
    method: "client_secret",
    known: { ...NOTHING_KNOWN, clientId, clientSecret: fixed?.clientSecret },
    fixed,
    get: async () => fixed ?? { ...NO_CREDENTIALS, clientId, clientSecret: await secret.get() },
    rotation: secret,
  };
}

function keyAuthentication(
  options: ClientAuthOptions,
  key: string | (() => unknown),
  report: (event: SourceEvent) => void,
): ClientAuthentication {
  const { clientId, userId, keyId, algorithm } = options;
  const isClient = isClientKey(options);
  const owner = isClient ? "clientId" : "userId";
  const more = { moreHeader: options.assertionHeader, moreClaims: options.assertionClaims };
  const credential = rotatingCredential("key", key, keyText);
  const reportExpiry = keyExpiryReporter(report);
  let imported: { text: string; key: SigningKey } | undefined;

  const readChecked = (text: string): KeyFields => {
    const read = readKey(text, { keyId, algorithm, owner });
    checkOwner(read, options, owner);
    return read;
  };

  const importKey = async (text: string): Promise<SigningKey> => {
    // Keeps the key, not a promise of it: on workerd a promise belongs to the request that made it.
    if (imported?.text !== text) {
      imported = { text, key: await toSigningKey(readChecked(text)) };
    }
    return imported.key;
  };

  const readAtOnce = typeof key === "string" ? readChecked(key) : undefined;
  const audience = audienceOf(options);
  const knownSubject = clientId ?? userId ?? readAtOnce?.[owner];

  return {
    method: isClient ? "private_key_jwt" : "jwt_profile",
    known: {
      ...NOTHING_KNOWN,
      ...(isClient ? { clientId: knownSubject } : { subject: knownSubject }),
      keyId,
      algorithm: readAtOnce?.algorithm ?? algorithm,
      audience,
      ...more,
    },
    fixed: undefined,

    async get() {
      const signingKey = await importKey(await credential.get());
      const subject = clientId ?? userId ?? signingKey[owner] ?? "";
      const signingInput = core.prepareAssertion({
        algorithm: signingKey.algorithm,
        keyId: signingKey.keyId ?? undefined,
        subject,
        audience,
        ...more,
        keyExpiresAt: signingKey.expiresAt ?? undefined,
        now: Date.now(),
      });
      const assertion = completeAssertion(signingInput, await signingKey.sign(signingInput));
      reportExpiry(signingKey);
      return isClient
        ? { ...NO_CREDENTIALS, clientId: subject, clientAssertion: assertion }
        : { ...NO_CREDENTIALS, assertion };
    },

    rotation: credential,
  };
}

/** Whom assertions are for. Servers differ, so there is no default without an issuer. */
function audienceOf({ issuer, assertionAudience }: ClientAuthOptions): string {
  const audience = assertionAudience ?? issuer;
  if (audience !== undefined) return audience;
  throw invalidOption(
    "`assertionAudience` is missing",
    "set `issuer`, which most servers want, or `assertionAudience` to the token endpoint",
  );
}

/** Checks that a key's owner is known, and is the one that the options name. */
function checkOwner(
  read: KeyFields,
  { clientId, userId }: ClientAuthOptions,
  owner: "clientId" | "userId",
): void {
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
}: Pick<ClientAuthOptions, "clientId" | "clientAuth">): boolean {
  return clientId !== undefined || clientAuth !== undefined;
}
