// ZITADEL's reserved scopes, and its claims.
import { run } from "../../core/wasm.js";
import { checkOptions } from "../../core/check-options.js";

export * from "./claims.js";

/**
 * Builders of ZITADEL's reserved scopes. A scope is not authorization: ZITADEL grants these to any
 * service user. Ids are strings, since a number would lose their last digits. Each builder throws
 * `option_invalid` for a value that a scope cannot hold.
 */
export const scopes = Object.freeze({
  /** Makes the token valid for ZITADEL's own APIs. */
  api: () => scope("api"),
  /**
   * Adds a project to the token's audience. Any service user can request any project's audience.
   *
   * @param {string} projectId
   */
  audience: (projectId) => scope("audience", { projectId }),
  /**
   * Requests the claim about one role in the requesting project. It grants no role.
   *
   * @param {string} key
   */
  role: (key) => scope("role", { key }),
  /** Requests the claims about the roles in all projects of the audience. It grants no role. */
  roles: () => scope("roles"),
  /**
   * Restricts the request to users of an organization.
   *
   * @param {string} organizationId
   */
  organization: (organizationId) => scope("organization", { organizationId }),
  /**
   * Restricts the request to users of the organization with this primary domain.
   *
   * @param {string} domain
   */
  primaryDomain: (domain) => scope("primaryDomain", { domain }),
  /**
   * Restricts the roles to those that an organization granted.
   *
   * @param {string} organizationId
   */
  organizationRoles: (organizationId) => scope("organizationRoles", { organizationId }),
  /** Requests the user's metadata. */
  metadata: () => scope("metadata"),
  /** Requests the id, name and primary domain of the user's organization. */
  resourceOwner: () => scope("resourceOwner"),
});

/**
 * @param {string} name
 * @param {Record<string, string>} [argument] an object of one value, named as in error messages
 * @returns {string}
 */
function scope(name, argument = {}) {
  const kinds = Object.fromEntries(
    Object.keys(argument).map((key) => [key, /** @type {const} */ ("string!")]),
  );
  const [value = ""] = Object.values(checkOptions(`zitadel.scopes.${name}`, argument, kinds));
  return run("zitadelScope", { name, value });
}
