// What a token must have: audience, scopes, roles. The core judges by it.
import { requiredRoleKinds, requirementsKinds } from "../core/calls.js";
import type { CheckedRequiredRole, CheckedRequirements, Requirements } from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import { tooLong } from "../core/explain-options.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { lengthOf } from "../core/kinds.js";
import { MAX_LENGTH } from "../core/values.js";

/** Requirements that were checked, those of the verifier included. */
export interface Required {
  scope: string[];
  roles: CheckedRequiredRole[];
  audience: string[];
  claims: string[][];
  /** as the core reads them; equal for equal requirements */
  text: string;
  /** whether they are the verifier's alone: one text, of which no token has a copy */
  isUsual: boolean;
}

/** What a verifier requires of every token, whatever a call requires. */
export interface VerifierRules {
  /** the project of roles that name none */
  projectId: string | undefined;
  /** where the roles are, if not in ZITADEL's claims */
  roleClaim: string[];
  /** the clients of tokens without an audience */
  clientId: string[];
  tenants: string[];
  /** whether the issuer is known to be a ZITADEL */
  isZitadel: boolean;
  /** whether tokens are introspected */
  introspects: boolean;
}

/**
 * How much of the requirements that a token meets is cached with it, in characters: each token has
 * a copy of its own.
 */
const MAX_MET_LENGTH = 2_048;

const NO_REQUIREMENTS: Required = {
  scope: [],
  roles: [],
  audience: [],
  claims: [],
  text: "",
  isUsual: true,
};

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

const check = checkerOf<CheckedRequirements>("verify", requirementsKinds);
const checkRole = checkerOf<CheckedRequiredRole>("role", requiredRoleKinds);

/**
 * Checks what a route requires, before there is a token: for middleware, so that a mistake is
 * reported at once.
 *
 * @throws {AuthError} `option_invalid`
 */
export function checkRequirements(requirements: Requirements): void {
  const checked = check(requirements);
  scopesOf(checked);
  rolesOf(checked, { projectId: undefined, roleClaim: [] });
}

/** Reads the requirements of one call. */
export function readRequirements(requirements: Requirements): CheckedRequirements {
  return check(requirements);
}

/**
 * Checks requirements and adds those of the verifier.
 *
 * @param usual what the verifier requires of every token
 * @throws {AuthError} `option_invalid`
 */
export function requirementsOf(
  given: Pick<CheckedRequirements, "scope" | "role" | "audience" | "claims">,
  rules: VerifierRules,
  usual: Required = NO_REQUIREMENTS,
): Required {
  const scope = scopesOf(given);
  const roles = rolesOf(given, rules);
  const isOfNoProject = roles.some(({ project }) => project === undefined);
  if (!rules.introspects && rules.roleClaim.length === 0 && isOfNoProject) {
    throw invalidOption(
      "a role is required, but of no project",
      "set `projectId`, or name it: `{ role, project }`; only an introspection speaks of the " +
        "project of whoever asks. Elsewhere set `roleClaim`",
    );
  }

  const all = {
    scope: [...new Set([...usual.scope, ...scope])],
    roles: [...usual.roles, ...roles],
    audience: given.audience === undefined ? usual.audience : audienceOf(given.audience),
    claims: [...usual.claims, ...(given.claims ?? [])],
  };
  // A call that names audiences wants one of these.
  const isOfCall = usual !== NO_REQUIREMENTS && given.audience !== undefined;
  const text = textOf(all, isOfCall ? { ...rules, clientId: [] } : rules);
  return { ...all, text, isUsual: usual === NO_REQUIREMENTS };
}

function audienceOf(audience: string[]): string[] {
  if (audience.length > 0 && audience.every((one) => AUDIENCE.test(one))) return audience;
  throw invalidOption("`audience` is empty, or holds what no audience does", AUDIENCE_HINT);
}

function rolesOf(
  { role: given }: Pick<CheckedRequirements, "role">,
  { projectId, roleClaim }: Pick<VerifierRules, "projectId" | "roleClaim">,
): CheckedRequiredRole[] {
  refuseEmpty("role", given);
  const roles = (given ?? []).map((one) => {
    const object = typeof one === "string" ? { role: one } : one;
    const { role, project = projectId, organization } = guardReads(() => checkRole(object));
    if (roleClaim.length > 0 && (project ?? organization) !== undefined) {
      throw invalidOption(
        "a role of a project or an organization is required, and `roleClaim` is set",
        "`roleClaim` replaces ZITADEL's roles: leave one out",
      );
    }
    if ([role, project, organization].includes("")) {
      throw invalidOption(
        "a role, its project or its organization is empty",
        "write the role's key and the ids, as ZITADEL has them",
      );
    }
    return { role, project, organization };
  });

  const texts = roles.flatMap((role) => Object.values(role)).filter((text) => text !== undefined);
  if (lengthOf(texts) > MAX_LENGTH) throw tooLong("role");
  return roles;
}

/**
 * Checks the scopes of requirements and returns them as a list.
 *
 * @throws {AuthError} `option_invalid`
 */
export function scopesOf({ scope }: Pick<CheckedRequirements, "scope">): string[] {
  refuseEmpty("scope", scope);
  const scopes = splitScopes(scope ?? []);
  if (scopes.some((one) => ROLE_SCOPE.test(one))) {
    const message = "`scope` names a scope by which ZITADEL is asked for roles";
    const reason = "ZITADEL grants it to any service user that asks, so it authorises nobody";
    throw invalidOption(message, `${reason}: require the role itself, \`role: "writer"\``);
  }
  return scopes;
}

/**
 * Returns scopes one by one.
 *
 * @throws {AuthError} `option_invalid`
 */
export function splitScopes(texts: string[]): string[] {
  const scopes = texts.flatMap((text) => text.split(" "));
  if (scopes.every((one) => SCOPE.test(one))) return scopes;
  throw invalidOption(
    "`scope` is empty, or holds what no scope does",
    "name what tokens must have, separated by single spaces, or leave it out",
  );
}

/**
 * Refuses an empty list. It was probably made of a value that is not set, and must not mean that
 * nothing is required.
 */
function refuseEmpty(name: string, given: unknown[] | undefined): void {
  if (given === undefined || given.length > 0) return;
  throw invalidOption(`\`${name}\` is empty`, "name what tokens must have, or leave it out");
}

/** JSON, joined here, since a polluted prototype may have a `toJSON`. */
function textOf(
  { scope, roles, audience, claims }: Omit<Required, "text" | "isUsual">,
  { clientId, tenants, roleClaim, isZitadel }: VerifierRules,
): string {
  const list = (texts: string[]) => `[${texts.map((text) => JSON.stringify(text)).join()}]`;
  const roleTexts = roles.map((role) => {
    const members = Object.entries(role).filter(([, value]) => value !== undefined);
    return `{${members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join()}}`;
  });
  const members = [`"audience":${list(audience)}`, `"scope":${list(scope)}`];
  members.push(`"roles":[${roleTexts.join()}]`);
  if (claims.length > 0) members.push(`"claims":[${claims.map(list).join()}]`);
  if (clientId.length > 0) members.push(`"clientId":${list(clientId)}`);
  if (tenants.length > 0) members.push(`"tenants":${list(tenants)}`);
  if (roleClaim.length > 0) members.push(`"roleClaim":${list(roleClaim)}`);
  if (isZitadel) members.push(`"isZitadel":true`);
  return `{${members.join()}}`;
}

/** Remembers that a token meets requirements. */
export function remember(met: Set<string>, { text, isUsual }: Required): void {
  if (isUsual || lengthOf([...met, text]) <= MAX_MET_LENGTH) met.add(text);
}
