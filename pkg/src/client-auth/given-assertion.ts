// Assertions that a function of the caller's makes: a key management service, a workload's token.
import type { AuthorizationServer } from "../core/types.js";
import { isRecord, isText } from "../core/values.js";
import { callbackFailed, callCallback } from "./callback.js";
import { NO_CREDENTIALS, NO_ROTATION, NOTHING_KNOWN } from "./credentials.js";
import type { ClientAuthentication } from "./credentials.js";
import { rotatingCredential } from "./rotating-credential.js";

type MakeAssertion = (server: AuthorizationServer) => unknown;

/** A JWT for each request, in the grant of RFC 7523 section 2.1. */
export function assertionAuthentication(
  { issuer, clientId, clientSecret }: GivenOptions,
  make: MakeAssertion,
): ClientAuthentication {
  const secret = rotatingCredential("clientSecret", clientSecret ?? "", (value) =>
    isText(value) ? value : undefined,
  );
  const isClient = clientSecret !== undefined;
  return {
    method: "jwt_profile",
    known: {
      ...NOTHING_KNOWN,
      clientId,
      clientSecret: typeof clientSecret === "string" ? clientSecret : undefined,
    },
    fixed: undefined,
    async get(tokenEndpoint = "") {
      const assertion = await makeAssertion("assertion", make, { issuer, tokenEndpoint });
      const client = isClient ? { clientId, clientSecret: await secret.get() } : {};
      return { ...NO_CREDENTIALS, ...client, assertion };
    },
    rotation: isClient ? secret : NO_ROTATION,
  };
}

/** A JWT for each request, as the client's authentication (RFC 7523 section 2.2). */
export function clientAssertionAuthentication(
  { issuer, clientId }: GivenOptions,
  make: MakeAssertion,
): ClientAuthentication {
  return {
    method: "private_key_jwt",
    known: { ...NOTHING_KNOWN, clientId },
    fixed: undefined,
    async get(tokenEndpoint = "") {
      const server = { issuer, tokenEndpoint };
      const clientAssertion = await makeAssertion("clientAssertion", make, server);
      return { ...NO_CREDENTIALS, clientId, clientAssertion };
    },
    rotation: NO_ROTATION,
  };
}

interface GivenOptions {
  issuer: string | undefined;
  clientId: string | undefined;
  clientSecret: string | (() => unknown) | undefined;
}

async function makeAssertion(
  name: "assertion" | "clientAssertion",
  make: MakeAssertion,
  server: AuthorizationServer,
): Promise<string> {
  const jwt = await callCallback(name, () => make(server));
  if (!isText(jwt)) throw callbackFailed(name, "gave no string");
  if (hasEnded(jwt)) throw callbackFailed(name, "gave a JWT that has ended");
  return jwt;
}

/** Whether a JWT says that it has ended. What cannot be read is the server's to judge. */
function hasEnded(jwt: string): boolean {
  try {
    const claims = jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const payload: unknown = JSON.parse(atob(claims));
    const exp = isRecord(payload) && Object.hasOwn(payload, "exp") ? payload.exp : undefined;
    return typeof exp === "number" && exp * 1000 <= Date.now();
  } catch {
    return false;
  }
}
