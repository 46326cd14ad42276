// What a token must have: audience, scopes, roles.
import { rejected } from "../core/error-constructors.js";
import {
  checkLength,
  checkOptions,
  invalidOption,
  isRecord,
  quoted,
} from "../core/check-options.js";
import { roles } from "../protocol/zitadel/claims.js";

/**
 * A role in a project of ZITADEL. A string is a role in the verifier's `projectId`.
 *
 * @typedef {string | { role: string; project?: string; organization?: string }} RoleRequirement
 */

/**
 * What a token must have. It must meet all of the requirements.
 *
 * @typedef {object} Requirements
 * @property {string | string[]} [scope] a list, or one string separated by spaces. **Warning**:
 *   ZITADEL grants a service user any scope that it requests, so a scope is no authorization there:
 *   require a role. A scope that requests roles of ZITADEL is refused (`option_invalid`)
 * @property {RoleRequirement | RoleRequirement[]} [role] if neither it nor the verifier names a
 *   project, the role has to be in the claim about the introspecting application's project; a JWT
 *   is then refused
 * @property {string | string[]} [audience] accepted audiences, instead of the verifier's. A token
 *   must name at least one. The **Warning** of the verifier's `audience` applies here too
 */

/**
 * The parsed claims of a token.
 *
 * @typedef {Record<string, unknown>} Claims
 */

/**
 * A role requirement whose project is resolved.
 *
 * @typedef {object} RequiredRole
 * @property {string} role
 * @property {string | undefined} project
 * @property {string | undefined} organization
 */

/**
 * Requirements that were checked, those of the verifier included.
 *
 * @typedef {object} CheckedRequirements
 * @property {string[]} scope
 * @property {RequiredRole[]} roles
 * @property {string[]} audience
 * @property {string} name equal for equal requirements
 */

/** The kinds of the options in {@link Requirements}. */
export const REQUIREMENT_KINDS = /** @type {const} */ ({
  scope: "strings",
  role: "roles",
  audience: "strings",
});

/** @type {CheckedRequirements} */
const NO_REQUIREMENTS = { scope: [], roles: [], audience: [], name: "" };

export const AUDIENCE_HINT =
  "with ZITADEL write the id of the API's project, or the client id of its application";

/** A scope (RFC 6749 section 3.3). The characters also fit a quoted string of a challenge. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const AUDIENCE = /^[\x21-\x7e]+$/;
/**
 * The scopes that request roles of ZITADEL: one role, all roles, those of an organization; also
 * misspelt. ZITADEL returns such a scope to a user who has no role, and may drop it for a user who
 * has one. A token with the scope must not open a route that is meant for the role. ZITADEL's other
 * scopes authorize as little, but nobody mistakes them for a role.
 */
const ROLE_SCOPE = /^urn:(?:zitadel:)?iam:org:(?:projects?:(?:[^:]+:)?)?roles?(?::|$)/;

/**
 * Checks requirements and adds those of the verifier.
 *
 * @param {Requirements} given checked by `REQUIREMENT_KINDS`
 * @param {object} verifier
 * @param {string | undefined} verifier.projectId the project of roles that name none
 * @param {CheckedRequirements} [verifier.usual] what the verifier requires of every token
 * @param {boolean} verifier.introspects
 * @returns {CheckedRequirements}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function requirementsOf(given, { projectId, usual = NO_REQUIREMENTS, introspects }) {
  const scope = scopesOf(given);
  refuseEmpty("role", given.role);
  const roles = [given.role ?? []].flat().map((role) => {
    const required = checkRole(role, projectId);
    if (required.project === undefined && !introspects) throw projectMissing();
    return required;
  });
  const roleTexts = roles.flatMap((role) => Object.values(role));
  checkLength("role", roleTexts);

  const audience = given.audience === undefined ? usual.audience : [given.audience].flat();
  if (audience.length === 0 || !audience.every((one) => AUDIENCE.test(one))) {
    throw invalidOption("`audience` is empty, or holds what no audience does", AUDIENCE_HINT);
  }

  const all = {
    scope: [...new Set([...usual.scope, ...scope])],
    roles: [...usual.roles, ...roles],
    audience,
  };
  return { ...all, name: nameOf(all) };
}

/**
 * @param {RoleRequirement} given
 * @param {string | undefined} projectId
 * @returns {RequiredRole}
 */
function checkRole(given, projectId) {
  const object = typeof given === "string" ? { role: given } : given;
  const checked = checkOptions("role", object, {
    role: "string!",
    project: "string",
    organization: "string",
  });

  const { role, project = projectId, organization } = checked;
  if ([role, project, organization].includes("")) {
    throw invalidOption(
      "a role, its project or its organization is empty",
      "write the role's key and the ids, as ZITADEL has them",
    );
  }
  return { role, project, organization };
}

/**
 * Checks the scopes of requirements and returns them as a list.
 *
 * @param {Requirements} given checked by `REQUIREMENT_KINDS`
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function scopesOf({ scope }) {
  refuseEmpty("scope", scope);
  const scopes = [scope ?? []].flat().flatMap((text) => text.split(" "));
  if (!scopes.every((one) => SCOPE.test(one)))
    throw invalidOption(
      "`scope` is empty, or holds what no scope does",
      "name what tokens must have, separated by single spaces, or leave it out",
    );
  if (scopes.some((one) => ROLE_SCOPE.test(one))) {
    const message = "`scope` names a scope by which ZITADEL is asked for roles";
    const reason = "ZITADEL grants it to any service user that asks, so it authorises nobody";
    throw invalidOption(message, `${reason}: require the role itself, \`role: "writer"\``);
  }
  return scopes;
}

/**
 * Refuses an empty list. It was probably made of a value that is not set, and must not mean that
 * nothing is required.
 *
 * @type {(name: string, given: unknown) => void}
 */
function refuseEmpty(name, given) {
  if (!Array.isArray(given) || given.length > 0) return;
  throw invalidOption(`\`${name}\` is empty`, "name what tokens must have, or leave it out");
}

/**
 * Returns a text that is equal for equal requirements. Lists are joined here, since a polluted
 * prototype may have a `toJSON`.
 *
 * @param {Omit<CheckedRequirements, "name">} required
 */
function nameOf({ scope, roles, audience }) {
  const roleLists = roles.map(({ role, project = "", organization = "" }) => [
    role,
    project,
    organization,
  ]);
  const lists = [scope, audience, ...roleLists];
  return lists.map((texts) => texts.map((text) => JSON.stringify(text)).join()).join(";");
}

/**
 * Checks that a token meets requirements.
 *
 * @param {Claims} claims
 * @param {CheckedRequirements} required
 * @param {boolean} isJwt
 * @throws {import("../core/errors.js").AuthError} `audience_refused`, `scope_insufficient`,
 *   `role_insufficient`
 */
export function checkRequirements(claims, required, isJwt) {
  checkAudience(claims, required.audience);
  checkScope(claims, required.scope, isJwt);
  for (const role of required.roles) {
    if (role.project === undefined && isJwt) throw projectMissing();
    if (!hasRole(claims, role)) throw roleInsufficient(role);
  }
}

/** @type {(claims: Claims, audience: string[]) => void} */
function checkAudience(claims, audience) {
  const named = listOf(claims, "aud");
  if (audience.some((accepted) => named.includes(accepted))) return;

  const hint =
    "whoever calls must ask for a token for this API: with ZITADEL by the scope " +
    "`urn:zitadel:iam:org:project:id:{projectId}:aud` of its project; elsewhere by `resource` or " +
    "`audience`. Or the audience configured here is wrong";
  const message =
    named.length === 0
      ? "the token names no audience"
      : "the token is meant for others than this API";
  throw rejected("audience_refused", message, hint);
}

/** @type {(claims: Claims, scope: string[], isJwt: boolean) => void} */
function checkScope(claims, scope, isJwt) {
  if (scope.length === 0) return;
  const granted = listOf(claims, "scope").flatMap((text) => String(text).split(" "));
  const lacking = scope.find((required) => !granted.includes(required));
  if (lacking === undefined) return;

  const isZitadelJwt = isJwt && !Object.hasOwn(claims, "scope");
  const hint = isZitadelJwt
    ? "the token is a JWT without `scope`, as ZITADEL's are: require a role instead"
    : "whoever calls must ask for the scopes, and be permitted them";
  const what = withName("the scope", lacking) ?? "a scope that is required";
  throw rejected("scope_insufficient", `the token lacks ${what}`, hint);
}

/** @type {(claims: Claims, required: RequiredRole) => boolean} */
function hasRole(claims, { role, project, organization }) {
  const granted = project === undefined ? roles(claims) : roles(claims, project);
  const organizations = Object.hasOwn(granted, role) ? granted[role] : undefined;
  if (!isRecord(organizations)) return false;
  return organization === undefined || Object.hasOwn(organizations, organization);
}

/** @param {RequiredRole} required */
function roleInsufficient({ role, project, organization }) {
  const what = withName("the role", role) ?? "a role that is required";
  const where =
    project === undefined
      ? "the project of whoever introspects"
      : (withName("the project", project) ?? "its project");
  const by =
    organization === undefined
      ? ""
      : `, granted by ${withName("the organization", organization) ?? "its organization"}`;
  const hint =
    "grant the user the role in this project; whoever calls must ask for the scopes of the " +
    "project's audience and `urn:zitadel:iam:org:projects:roles`";
  return rejected("role_insufficient", `the token lacks ${what} in ${where}${by}`, hint);
}

/** @type {(what: string, name: string) => string | undefined} */
function withName(what, name) {
  const shown = quoted(name);
  return shown && `${what} ${shown}`;
}

/**
 * Returns a claim that is a string or a list of strings, as a list. Only own properties count: a
 * polluted prototype must grant nothing.
 *
 * @type {(claims: Claims, name: string) => unknown[]}
 */
function listOf(claims, name) {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function projectMissing() {
  return invalidOption(
    "a role is required, but of no project",
    "set `projectId`, or name it: `{ role, project }`; only an introspection speaks of the " +
      "project of whoever asks",
  );
}
