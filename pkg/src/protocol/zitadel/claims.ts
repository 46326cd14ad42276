// Roles and metadata in ZITADEL's claims.
import { malformed } from "../../core/error-constructors.js";
import { checkerOf } from "../../core/check.js";
import { requireRecord } from "../../core/explain-options.js";
import { guardReads, invalidOption } from "../../core/guard-reads.js";
import { isRecord } from "../../core/values.js";

/** The longest value that is decoded, in characters. ZITADEL accepts 500 000 bytes. */
const MAX_LENGTH = 2 ** 20;

const checkProject = checkerOf<{ projectId: string }>("zitadel.roles", { projectId: "text!" });

/** The claim that holds a user's metadata. */
const METADATA = "urn:zitadel:iam:user:metadata";

/**
 * Returns the roles that claims grant in a project, each with the organizations in which the user
 * has it. Check for a role with `"admin" in roles`: the objects have no prototype. A role without
 * an organization does not count, and a claim whose shape is not ZITADEL's grants nothing.
 *
 * **Warning**: the claims are trusted. Take them from a verified JWT, from an introspection that
 * says `active`, or from userinfo.
 *
 * @param claims parsed; roles may be a map, as ZITADEL sends it, or a list of maps, as its
 *   documentation shows it
 * @param project the id of the only project whose roles count: your API's. Without it,
 *   `urn:zitadel:iam:org:project:roles` is read, which is about the client's own project
 * @returns an object by role of objects from organization id to primary domain; empty if there are
 *   no roles
 * @throws {AuthError} `option_invalid`, also for a `projectId` that is given as `undefined`
 */
export function roles(
  claims: object,
  ...project: [] | [projectId: string]
): Record<string, Record<string, string>> {
  const caller = "zitadel.roles";
  const name = rolesClaim(caller, project);
  return guardReads(() => {
    const granted = Object.create(null);
    for (const map of [claim(caller, claims, name)].flat()) {
      for (const [role, organizations] of entriesOf(map)) addRole(granted, role, organizations);
    }
    return granted;
  });
}

function addRole(granted: any, role: string, organizations: unknown): void {
  for (const [id, domain] of entriesOf(organizations)) {
    if (typeof domain !== "string") continue;
    granted[role] ??= Object.create(null);
    granted[role][id] = domain;
  }
}

function rolesClaim(caller: string, project: [] | [projectId: string]) {
  // By length, since an `undefined` is a binding that is not set. It must not select the claim of
  // another project.
  if (project.length === 0) return "urn:zitadel:iam:org:project:roles";

  const { projectId } = checkProject({ projectId: project[0] });
  if (!projectId) {
    throw invalidOption("`projectId` is empty", "pass the id of the project whose roles count");
  }
  return `urn:zitadel:iam:org:project:${projectId}:roles`;
}

/**
 * Returns the decoded metadata of the user. Bytes that are no UTF-8 become U+FFFD.
 *
 * **Warning**: the claims are trusted, as by {@link roles}.
 *
 * @param claims parsed
 * @returns an object without prototype from key to text; empty if there are no metadata
 * @throws {AuthError} `option_invalid`; `member_invalid` if the shape of the claim is not ZITADEL's
 */
export function metadata(claims: object): Record<string, string> {
  const entries = guardReads(() => {
    const given = claim("zitadel.metadata", claims, METADATA);
    return given === undefined || isRecord(given) ? entriesOf(given) : null;
  });
  if (!entries) throw invalidMetadata();

  const texts = Object.create(null);
  for (const [key, value] of entries) texts[key] = decode(value);
  return texts;
}

/** Returns a claim that is an own property. A polluted prototype must grant nothing. */
function claim(caller: string, claims: object, name: string): unknown {
  requireRecord(caller, claims, () => "an object of claims");
  return Object.hasOwn(claims, name) ? Reflect.get(claims, name) : undefined;
}

/** The entries of an object; none of any other value. */
function entriesOf(value: unknown) {
  return isRecord(value) ? Object.entries(value) : [];
}

/** @param value base64url, with padding or without */
function decode(value: unknown) {
  // Checked here, since `atob` takes base64 and spaces too, and in some runtimes a wrong length.
  if (typeof value !== "string" || value.length > MAX_LENGTH) throw invalidMetadata();
  if (!/^[\w-]*={0,2}$/.test(value)) throw invalidMetadata();
  const rest = value.length % 4;
  if (rest === 1 || (rest > 0 && value.endsWith("="))) throw invalidMetadata();

  const binary = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/** The message has neither key nor value, since both may be secret. */
function invalidMetadata() {
  const message = `\`${METADATA}\` must be an object of base64url strings`;
  const hint = "pass the claims as ZITADEL sends them, with values that nobody has decoded yet";
  return malformed("member_invalid", message, hint);
}
