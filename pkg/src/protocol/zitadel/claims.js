import { malformed } from "../../core/error-constructors.js";
import {
  checkOptions,
  checkRecord,
  invalidOption,
  isRecord,
  guardReads,
} from "../../core/check-options.js";

/** The longest value that is decoded, in characters: ZITADEL takes 500 000 bytes. */
const LONGEST = 2 ** 20;
const METADATA = "urn:zitadel:iam:user:metadata";

/**
 * The roles that claims grant in a project, each with the organizations in which the user has it.
 * Look for one by `"admin" in roles`: the objects have no prototype. A role without an organization
 * is none, and what has not the shape that ZITADEL gives it grants nothing.
 *
 * **Warning**: the claims are believed. Take them from a JWT that was verified, from an
 * introspection that says `active`, or from userinfo.
 *
 * @param {object} claims parsed; roles may be a map, which ZITADEL sends, or a list of maps, which
 *   its documentation shows
 * @param {[] | [projectId: string]} project the project whose roles count, and no other's: that of
 *   your API. Left out, `urn:zitadel:iam:org:project:roles` is read, which speaks of the client's
 *   own project
 * @returns {Record<string, Record<string, string>>} primary domain by organization's id by role;
 *   empty where there are none
 * @throws {import("../../core/errors.js").AuthError} `option_invalid`, for a `projectId` that is
 *   given and undefined too
 */
export function roles(claims, ...project) {
  const caller = "zitadel.roles";
  let name = "urn:zitadel:iam:org:project:roles";
  // Given and undefined is a binding that is not set: it must not turn to the claim of another project.
  if (project.length > 0) {
    const { projectId } = checkOptions(caller, { projectId: project[0] }, { projectId: "string!" });
    if (!projectId)
      throw invalidOption("`projectId` is empty", "pass the id of the project whose roles count");
    name = `urn:zitadel:iam:org:project:${projectId}:roles`;
  }
  return guardReads(() => {
    const granted = Object.create(null);
    for (const map of [claim(caller, claims, name)].flat()) {
      for (const [role, organizations] of entries(map)) {
        for (const [id, domain] of entries(organizations)) {
          if (typeof domain === "string") (granted[role] ??= Object.create(null))[id] = domain;
        }
      }
    }
    return granted;
  });
}

/**
 * The user's metadata, decoded; bytes that are no UTF-8 become U+FFFD.
 *
 * **Warning**: the claims are believed, as by {@link roles}.
 *
 * @param {object} claims parsed
 * @returns {Record<string, string>} text by key, in an object without prototype; empty where there
 *   are none
 * @throws {import("../../core/errors.js").AuthError} `option_invalid`; `member_invalid`: the claim
 *   has not the shape that ZITADEL gives it
 */
export function metadata(claims) {
  const values = guardReads(() => {
    const given = claim("zitadel.metadata", claims, METADATA);
    return given === undefined || isRecord(given) ? entries(given) : null;
  });
  if (!values) throw misshapen();
  const texts = Object.create(null);
  for (const [key, value] of values) texts[key] = decode(value);
  return texts;
}

/**
 * A claim of the object's own: a polluted prototype must grant nothing.
 *
 * @param {string} caller
 * @param {object} claims
 * @param {string} name
 * @returns {unknown}
 */
function claim(caller, claims, name) {
  checkRecord(caller, claims, () => "an object of claims");
  return Object.hasOwn(claims, name) ? Reflect.get(claims, name) : undefined;
}

/**
 * None of what is no object.
 *
 * @param {unknown} value
 */
function entries(value) {
  return isRecord(value) ? Object.entries(value) : [];
}

/** @param {unknown} value base64url, with padding or without */
function decode(value) {
  // Not left to `atob`: it takes the other alphabet and spaces, and not every runtime's minds a wrong length.
  if (typeof value !== "string" || value.length > LONGEST || !/^[\w-]*={0,2}$/.test(value))
    throw misshapen();
  const rest = value.length % 4;
  if (rest === 1 || (rest > 0 && value.endsWith("="))) throw misshapen();
  const bytes = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** Without key or value: both may be secret. */
function misshapen() {
  const hint = "pass the claims as ZITADEL sends them, with values that nobody has decoded yet";
  return malformed(
    "member_invalid",
    `\`${METADATA}\` must be an object of base64url strings`,
    hint,
  );
}
