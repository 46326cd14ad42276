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

/** A role in a project of ZITADEL. A string is a role in the verifier's `projectId`. */
export type RoleRequirement = string | { role: string; project?: string; organization?: string };

/** What a token must have. It must meet all of the requirements. */
export interface Requirements {
  /**
   * a list, or one string separated by spaces. **Warning**: ZITADEL grants a service user any scope
   * that it requests, so a scope is no authorization there: require a role. A scope that requests
   * roles of ZITADEL is refused (`option_invalid`)
   */
  scope?: string | string[];
  /**
   * if neither it nor the verifier names a project, the role has to be in the claim about the
   * introspecting application's project; a JWT is then refused
   */
  role?: RoleRequirement | RoleRequirement[];
  /**
   * accepted audiences, instead of the verifier's. A token must name at least one. The **Warning**
   * of the verifier's `audience` applies here too
   */
  audience?: string | string[];
}

/** The parsed claims of a token. */
export type Claims = Record<string, unknown>;

/** A role requirement whose project is resolved. */
export interface RequiredRole {
  role: string;
  project: string | undefined;
  organization: string | undefined;
}

/** Requirements that were checked, those of the verifier included. */
export interface CheckedRequirements {
  scope: string[];
  roles: RequiredRole[];
  audience: string[];
  /** equal for equal requirements */
  name: string;
}

/** The kinds of the options in {@link Requirements}. */
export const REQUIREMENT_KINDS = {
  scope: "strings",
  role: "roles",
  audience: "strings",
} as const;

const NO_REQUIREMENTS: CheckedRequirements = { scope: [], roles: [], audience: [], name: "" };

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
 * @param given checked by `REQUIREMENT_KINDS`
 * @param verifier.projectId the project of roles that name none
 * @param verifier.usual what the verifier requires of every token
 * @throws {AuthError} `option_invalid`
 */
export function requirementsOf(
  given: Requirements,
  {
    projectId,
    usual = NO_REQUIREMENTS,
    introspects,
  }: { projectId: string | undefined; usual?: CheckedRequirements; introspects: boolean },
): CheckedRequirements {
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

function checkRole(given: RoleRequirement, projectId: string | undefined): RequiredRole {
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
 * @param given checked by `REQUIREMENT_KINDS`
 * @throws {AuthError} `option_invalid`
 */
export function scopesOf({ scope }: Requirements) {
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
 */
function refuseEmpty(name: string, given: unknown): void {
  if (!Array.isArray(given) || given.length > 0) return;
  throw invalidOption(`\`${name}\` is empty`, "name what tokens must have, or leave it out");
}

/**
 * Returns a text that is equal for equal requirements. Lists are joined here, since a polluted
 * prototype may have a `toJSON`.
 */
function nameOf({ scope, roles, audience }: Omit<CheckedRequirements, "name">) {
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
 * @throws {AuthError} `audience_refused`, `scope_insufficient`, `role_insufficient`
 */
export function checkRequirements(claims: Claims, required: CheckedRequirements, isJwt: boolean) {
  checkAudience(claims, required.audience);
  checkScope(claims, required.scope, isJwt);
  for (const role of required.roles) {
    if (role.project === undefined && isJwt) throw projectMissing();
    if (!hasRole(claims, role)) throw roleInsufficient(role);
  }
}

function checkAudience(claims: Claims, audience: string[]): void {
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

function checkScope(claims: Claims, scope: string[], isJwt: boolean): void {
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

function hasRole(claims: Claims, { role, project, organization }: RequiredRole): boolean {
  const granted = project === undefined ? roles(claims) : roles(claims, project);
  const organizations = Object.hasOwn(granted, role) ? granted[role] : undefined;
  if (!isRecord(organizations)) return false;
  return organization === undefined || Object.hasOwn(organizations, organization);
}

function roleInsufficient({ role, project, organization }: RequiredRole) {
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

function withName(what: string, name: string): string | undefined {
  const shown = quoted(name);
  return shown && `${what} ${shown}`;
}

/**
 * Returns a claim that is a string or a list of strings, as a list. Only own properties count: a
 * polluted prototype must grant nothing.
 */
function listOf(claims: Claims, name: string): unknown[] {
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
