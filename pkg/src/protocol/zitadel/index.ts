// ZITADEL's reserved scopes, and its claims.
import { zitadelScope } from "../../core/calls.js";
import { checkerOf } from "../../core/check.js";

import { metadata, roles } from "./claims.js";

/**
 * Builders of ZITADEL's reserved scopes. A scope is not authorization: ZITADEL grants these to any
 * service user. Ids are strings, since a number would lose their last digits. Each builder throws
 * `option_invalid` for a value that a scope cannot hold.
 */
const scopes = /* @__PURE__ */ Object.freeze({
  /** Makes the token valid for ZITADEL's own APIs. */
  api: () => scope("api"),
  /** Adds a project to the token's audience. Any service user can request any project's audience. */
  audience: (projectId: string) => scope("audience", { projectId }),
  /** Requests the claim about one role in the requesting project. It grants no role. */
  role: (key: string) => scope("role", { key }),
  /** Requests the claims about the roles in all projects of the audience. It grants no role. */
  roles: () => scope("roles"),
  /** Restricts the request to users of an organization. */
  organization: (organizationId: string) => scope("organization", { organizationId }),
  /** Restricts the request to users of the organization with this primary domain. */
  primaryDomain: (domain: string) => scope("primaryDomain", { domain }),
  /** Restricts the roles to those that an organization granted. */
  organizationRoles: (organizationId: string) => scope("organizationRoles", { organizationId }),
  /** Requests the user's metadata. */
  metadata: () => scope("metadata"),
  /** Requests the id, name and primary domain of the user's organization. */
  resourceOwner: () => scope("resourceOwner"),
});

/** ZITADEL's reserved scopes, and its claims. */
export const zitadel = /* @__PURE__ */ Object.freeze({ scopes, roles, metadata });

/** @param argument an object of one value, named as in error messages */
function scope(name: string, argument: Record<string, string> = {}): string {
  const kinds = Object.fromEntries(Object.keys(argument).map((key) => [key, "text!" as const]));
  const check = checkerOf<Record<string, string>>(`zitadel.scopes.${name}`, kinds);
  const [value = ""] = Object.values(check(argument));
  return zitadelScope({ name, value });
}
