// Who asks: client authentication at the fake issuer.
import { bytesOf, readJwt } from "./jwt.js";
import type { KeyPair } from "./jwt.js";

/** What the fake issuer knows of those that may ask. */
export interface Known {
  issuer: string;
  /** secrets by client id */
  clients: Record<string, string>;
  userId: string;
  /** the key of whoever authenticates by key; `undefined`: nobody does */
  key: KeyPair | undefined;
}

const decoder = new TextDecoder();

/**
 * Returns the client that sent a request; `undefined` if it is unknown or its proof is wrong. Like
 * servers, it takes a secret in the header or in the form (RFC 6749 section 2.3.1), or an assertion
 * (RFC 7523 section 2.2).
 */
export async function authenticate(
  { authorization }: Record<string, string>,
  form: URLSearchParams,
  known: Known,
): Promise<string | undefined> {
  const assertion = form.get("client_assertion");
  if (assertion !== null) {
    const subject = await subjectOf(assertion, known);
    return subject !== undefined && Object.hasOwn(known.clients, subject) ? subject : undefined;
  }
  const [id, secret] = authorization
    ? readBasic(authorization)
    : [form.get("client_id"), form.get("client_secret")];
  const isKnown = typeof id === "string" && Object.hasOwn(known.clients, id);
  return isKnown && known.clients[id] === secret ? id : undefined;
}

/** Returns whom an assertion proves; `undefined` if it proves nothing. */
export async function subjectOf(
  assertion: string,
  { issuer, key }: Known,
): Promise<string | undefined> {
  const jwt = key && (await readJwt(key, assertion));
  if (!jwt) return undefined;

  const { iss, sub, aud, exp } = jwt.claims;
  const isForIssuer = [aud].flat().some((one) => one === issuer || one === `${issuer}/token`);
  const isInTime = typeof exp === "number" && exp * 1000 > Date.now();
  return isForIssuer && isInTime && iss === sub ? String(sub) : undefined;
}

function readBasic(authorization: string): (string | undefined)[] {
  const encoded = /^Basic +([\w+/]+=*)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return [];
  const text = decoder.decode(bytesOf(atob(encoded)));
  const [id, ...secret] = text.split(":");
  return [id, secret.join(":")].map(formDecode);
}

/** Each half is encoded like a form's value. `undefined`: it is not. */
function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined; // A stray `%`, so that the credentials are unknown.
  }
}
