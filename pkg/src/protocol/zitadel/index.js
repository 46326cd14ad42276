import { run } from "../../core/wasm.js";
import { checkOptions } from "../../core/check-options.js";

export * from "./claims.js";

/**
 * Builders of the scopes that ZITADEL reserves. They authorise nobody: ZITADEL grants them to any
 * service user. Ids are strings of digits: as numbers they would lose their last ones. Each throws
 * `option_invalid` for a value that no scope can hold.
 */
export const scopes = Object.freeze({
  /** Permits the token at ZITADEL's own APIs. */
  api: () => scope("api"),
  /**
   * Puts a project into the token's audience; any service user can ask for any project's.
   *
   * @param {string} projectId
   */
  audience: (projectId) => scope("audience", { projectId }),
  /**
   * Asks for the claim about a role of the requesting project, and grants nothing.
   *
   * @param {string} key
   */
  role: (key) => scope("role", { key }),
  /** Asks for the claims about the roles in all projects of the audience, and grants nothing. */
  roles: () => scope("roles"),
  /**
   * Permits only users of an organization.
   *
   * @param {string} organizationId
   */
  organization: (organizationId) => scope("organization", { organizationId }),
  /**
   * Permits only users of the organization with this primary domain.
   *
   * @param {string} domain
   */
  primaryDomain: (domain) => scope("primaryDomain", { domain }),
  /**
   * Limits the roles to those granted by an organization.
   *
   * @param {string} organizationId
   */
  organizationRoles: (organizationId) => scope("organizationRoles", { organizationId }),
  /** Asks for the user's metadata. */
  metadata: () => scope("metadata"),
  /** Asks for id, name and primary domain of the user's organization. */
  resourceOwner: () => scope("resourceOwner"),
});

/**
 * @param {string} name
 * @param {Record<string, string>} [argument] by the name that messages shall use
 * @returns {string}
 */
function scope(name, argument = {}) {
  const kinds = Object.fromEntries(
    Object.keys(argument).map((key) => [key, /** @type {const} */ ("string!")]),
  );
  const [value = ""] = Object.values(checkOptions(`zitadel.scopes.${name}`, argument, kinds));
  return run("zitadelScope", { name, value });
}
