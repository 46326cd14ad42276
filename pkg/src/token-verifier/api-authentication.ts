// How an API authenticates where it introspects tokens.
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import { NO_CREDENTIALS, NO_ROTATION, NOTHING_KNOWN } from "../client-auth/credentials.js";
import type { Credentials, KnownCredentials, Rotation } from "../client-auth/credentials.js";
import { rotatingCredential } from "../client-auth/rotating-credential.js";
import { authorizationHeader } from "../core/calls.js";
import type { CheckedIntrospectionClient } from "../core/calls.js";
import type { SourceEvent } from "../core/events.js";
import { isText } from "../core/values.js";

/** Makes the credentials of an introspection. */
export interface ApiAuthentication {
  /** how a secret is sent, or `none` */
  clientAuth: string | undefined;
  /** what can be checked of the credentials before the first request */
  known: KnownCredentials;
  get: () => Promise<Credentials & { accessToken?: string | undefined }>;
  rotation: Rotation;
}

export function apiAuthentication(
  issuer: string,
  client: CheckedIntrospectionClient,
  report: (event: SourceEvent) => void,
): ApiAuthentication {
  if (client.accessToken !== undefined) return tokenAuthentication(client.accessToken);
  if (client.clientAuth === "none") {
    const get = async () => NO_CREDENTIALS;
    return { clientAuth: "none", known: NOTHING_KNOWN, get, rotation: NO_ROTATION };
  }

  const clientAuth = client.key === undefined ? client.clientAuth : "private_key_jwt";
  // All names are given: one that is missing would be read from a polluted prototype.
  const none = {
    tokenEndpoint: undefined,
    userId: undefined,
    assertionHeader: undefined,
    assertionClaims: undefined,
    assertion: undefined,
    clientAssertion: undefined,
  };
  const { known, get, rotation } = clientAuthenticationOf(
    {
      ...client,
      ...none,
      issuer,
      clientAuth,
    },
    report,
  );
  const sentBy = client.key === undefined ? clientAuth : undefined;
  return { clientAuth: sentBy, known, get, rotation };
}

/** A function is called for each request: a source of tokens keeps its own. */
function tokenAuthentication(given: string | (() => unknown)): ApiAuthentication {
  // Throws at once for what no token can be.
  if (typeof given === "string") authorizationHeader({ accessToken: given });
  const toText = (value: unknown) => (isText(value) ? value : undefined);
  return {
    clientAuth: undefined,
    known: NOTHING_KNOWN,
    async get() {
      const accessToken = await rotatingCredential("accessToken", given, toText).get();
      return { ...NO_CREDENTIALS, accessToken };
    },
    rotation: NO_ROTATION,
  };
}
