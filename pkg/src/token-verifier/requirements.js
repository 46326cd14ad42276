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
 * A role in a project of ZITADEL's. A text is a role in the verifier's `projectId`.
 *
 * @typedef {string | { role: string; project?: string; organization?: string }} RoleRequirement
 */

/**
 * What a token must have, all of it.
 *
 * @typedef {object} Requirements
 * @property {string | string[]} [scope] a list, or one string separated by spaces. **Warning**:
 *   ZITADEL grants a service user any scope that it asks for, so there a scope authorises nobody:
 *   require a role. A scope by which ZITADEL is asked for roles is refused (`option_invalid`)
 * @property {RoleRequirement | RoleRequirement[]} [role] where it names no project and the verifier
 *   has no `projectId`, the role is looked for in the claim that speaks of the project of whoever
 *   introspects; a JWT then is refused
 * @property {string | string[]} [audience] accepted audiences, instead of the verifier's; the token
 *   must name at least one. The **Warning** of the verifier's `audience` holds here too
 */

/** What a token says, parsed. @typedef {Record<string, unknown>} Claims */

/** @typedef {{ role: string; project: string | undefined; organization: string | undefined }} Role */
/**
 * @typedef {{ scope: string[]; roles: Role[]; audience: string[]; name: string }} Required `name`:
 *   the same for equal ones
 */

export const KINDS = /** @type {const} */ ({
  scope: "strings",
  role: "roles",
  audience: "strings",
});

/** @type {Required} */
const NOTHING = { scope: [], roles: [], audience: [], name: "" };

export const AUDIENCE_HINT =
  "with ZITADEL write the id of the API's project, or the client id of its application";

/** RFC 6749 section 3.3; they are told in a quoted string. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const AUDIENCE = /^[\x21-\x7e]+$/;
/**
 * The scopes by which ZITADEL is asked for roles: for one, for all, for those of an organization;
 * misspelt ones too. ZITADEL echoes such a scope to a user who has no role, or drops it for one who
 * has. A token that has the scope must not open a route that is meant for the role. Its other
 * scopes authorise as little, but are not taken for a role.
 */
const ROLE_SCOPE = /^urn:(?:zitadel:)?iam:org:(?:projects?:(?:[^:]+:)?)?roles?(?::|$)/;

/**
 * @param {Requirements} given checked by `KINDS`
 * @param {{ projectId: string | undefined; usual?: Required; introspects: boolean }} verifier
 *   where roles count that name no project, what it requires of every token, and whether it
 *   introspects
 * @returns {Required}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function requirementsOf(given, { projectId, usual = NOTHING, introspects }) {
  const scope = scopesOf(given);
  refuseEmpty("role", given.role);
  const roles = [given.role ?? []].flat().map((one) => {
    const own = checkOptions("role", typeof one === "string" ? { role: one } : one, {
      role: "string!",
      project: "string",
      organization: "string",
    });
    const { role, project = projectId, organization } = own;
    if ([role, project, organization].includes(""))
      throw invalidOption(
        "a role, its project or its organization is empty",
        "write the role's key and the ids, as ZITADEL has them",
      );
    if (project === undefined && !introspects) throw withoutProject();
    return { role, project, organization };
  });
  checkLength(
    "role",
    roles.flatMap((role) => Object.values(role)),
  );
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
 * The scopes that are required.
 *
 * @param {Requirements} given checked by `KINDS`
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
 * A list that is empty was made from something that is not set: it must not mean that nothing is
 * required.
 *
 * @type {(name: string, given: unknown) => void}
 */
function refuseEmpty(name, given) {
  if (!Array.isArray(given) || given.length > 0) return;
  throw invalidOption(`\`${name}\` is empty`, "name what tokens must have, or leave it out");
}

/**
 * Not by JSON of the whole: a polluted prototype may have a `toJSON`.
 *
 * @param {Omit<Required, "name">} required
 */
function nameOf({ scope, roles, audience }) {
  const lists = [
    scope,
    audience,
    ...roles.map(({ role, project = "", organization = "" }) => [role, project, organization]),
  ];
  return lists.map((texts) => texts.map((text) => JSON.stringify(text)).join()).join(";");
}

/**
 * @param {Claims} claims
 * @param {Required} required
 * @param {boolean} isJwt
 * @throws {import("../core/errors.js").AuthError} `audience_refused`, `scope_insufficient`,
 *   `role_insufficient`
 */
export function checkRequirements(claims, { scope, roles: required, audience }, isJwt) {
  const named = listOf(claims, "aud");
  if (!audience.some((one) => named.includes(one))) {
    const hint =
      "whoever calls must ask for a token for this API: with ZITADEL by the scope `urn:zitadel:iam:org:project:id:{projectId}:aud` of its project; elsewhere by `resource` or `audience`. Or the audience configured here is wrong";
    throw rejected(
      "audience_refused",
      named.length === 0
        ? "the token names no audience"
        : "the token is meant for others than this API",
      hint,
    );
  }
  const granted =
    scope.length === 0 ? [] : listOf(claims, "scope").flatMap((text) => String(text).split(" "));
  const lacking = scope.find((one) => !granted.includes(one));
  if (lacking !== undefined) {
    const isZitadels = isJwt && !Object.hasOwn(claims, "scope");
    const hint = isZitadels
      ? "the token is a JWT without `scope`, as ZITADEL's are: require a role instead"
      : "whoever calls must ask for the scopes, and be permitted them";
    throw rejected(
      "scope_insufficient",
      `the token lacks ${withName("the scope", lacking) ?? "a scope that is required"}`,
      hint,
    );
  }
  for (const { role, project, organization } of required) {
    if (project === undefined && isJwt) throw withoutProject();
    const granted = project === undefined ? roles(claims) : roles(claims, project);
    const organizations = Object.hasOwn(granted, role) ? granted[role] : undefined;
    if (
      isRecord(organizations) &&
      (organization === undefined || Object.hasOwn(organizations, organization))
    )
      continue;
    const hint =
      "grant the user the role in this project; whoever calls must ask for the scopes of the project's audience and `urn:zitadel:iam:org:projects:roles`";
    const what = withName("the role", role) ?? "a role that is required";
    const where =
      project === undefined
        ? "the project of whoever introspects"
        : (withName("the project", project) ?? "its project");
    const by =
      organization === undefined
        ? ""
        : `, granted by ${withName("the organization", organization) ?? "its organization"}`;
    throw rejected("role_insufficient", `the token lacks ${what} in ${where}${by}`, hint);
  }
}

/** @type {(what: string, name: string) => string | undefined} */
function withName(what, name) {
  const shown = quoted(name);
  return shown && `${what} ${shown}`;
}

/**
 * A claim that is a string or a list of some; of the object's own, since a polluted prototype must
 * grant nothing.
 *
 * @type {(claims: Claims, name: string) => unknown[]}
 */
function listOf(claims, name) {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function withoutProject() {
  return invalidOption(
    "a role is required, but of no project",
    "set `projectId`, or name it: `{ role, project }`; only an introspection speaks of the project of whoever asks",
  );
}
