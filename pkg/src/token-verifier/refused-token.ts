// Whose token was refused, for people on call.
import { isPlainName } from "../core/calls.js";
import { AuthError } from "../core/errors.js";
import type { RefusedToken } from "../core/errors.js";
import { isRecord } from "../core/values.js";
import type { Claims } from "../protocol/claims.js";

const MAX_TEXT = 256;
const MAX_ENTRIES = 20;

const ZITADEL_ROLES = /^urn:zitadel:iam:org:project:(?:\d+:)?roles$/;

/** A text that cannot be a secret. */
export const mayBeShown = (text: string): boolean => isPlainName({ name: text }).isPlain;

/**
 * Runs a judgement of claims. What it throws gets whose token it was.
 *
 * @param claims gives claims that are known to be the issuer's, or throws if they are no JSON
 * @param isShown of which texts: a server may answer an introspection with what it was sent
 */
export function tellingWhose<T>(
  judge: () => T,
  claims: () => Claims,
  roleClaim: string[],
  isShown: (text: string) => boolean = () => true,
): T {
  try {
    return judge();
  } catch (error) {
    if (error instanceof AuthError && error.category === "rejected") {
      error.token = refusedToken(claims, roleClaim, isShown);
    }
    throw error;
  }
}

function refusedToken(
  read: () => Claims,
  roleClaim: string[],
  isShown: (text: string) => boolean,
): RefusedToken | undefined {
  let claims: unknown;
  try {
    claims = read();
  } catch {
    // They are no JSON, as the error says.
  }
  if (!isRecord(claims)) return undefined;

  const textsOf = (value: unknown) =>
    [value ?? []]
      .flat()
      .filter((text) => typeof text === "string")
      .map((text) => text.slice(0, MAX_TEXT).replace(/\p{Cc}/gu, "?"))
      .filter(isShown)
      .slice(0, MAX_ENTRIES);
  const textOf = (name: string) => {
    const value = own(claims, name);
    return typeof value === "string" ? textsOf(value)[0] : undefined;
  };

  const token: RefusedToken = {};
  const [sub, clientId] = [textOf("sub"), textOf("client_id") ?? textOf("azp")];
  const aud = textsOf(own(claims, "aud"));
  const roles = textsOf(roleClaim.length > 0 ? memberAt(claims, roleClaim) : rolesOf(claims));
  if (sub !== undefined) token.sub = sub;
  if (clientId !== undefined) token.client_id = clientId;
  if (aud.length > 0) token.aud = aud;
  if (roles.length > 0) token.roles = roles;
  return token;
}

/** Own properties only: a polluted prototype must not add a claim. */
function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function memberAt(claims: Record<string, unknown>, path: string[]): unknown {
  let member: unknown = claims;
  for (const name of path) member = isRecord(member) ? own(member, name) : undefined;
  return member;
}

/** ZITADEL's roles, of all projects. */
function rolesOf(claims: Record<string, unknown>): string[] {
  const names = Object.keys(claims).filter((name) => ZITADEL_ROLES.test(name));
  const maps = names.flatMap((name) => claims[name]).filter(isRecord);
  return [...new Set(maps.flatMap(Object.keys))];
}
