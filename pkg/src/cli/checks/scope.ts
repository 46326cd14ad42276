// Scopes that were dropped, and those that do nothing.
import { zitadel } from "edge-credentials";
import { ok, skipped, warning } from "../check.js";
import type { Check, Examination } from "../check.js";
import { productOf } from "../product.js";
import { shownList } from "../server-text.js";
import { askedScopes, secretsOf } from "../settings.js";

const PREFIX = "urn:zitadel:iam:org:project";
/** What is written in place of ZITADEL's own scopes, and does nothing. */
const MISSPELT = /^urn:zitadel:iam:org:project:roles$|^urn:iam:/;
const ROLES = /^urn:zitadel:iam:org:(?:projects:roles|project:role:.+)$/;
const AUDIENCE = /^urn:zitadel:iam:org:project:id:.+:aud$/;

export const scope: Check = {
  name: "scope",
  needs: ["token"],
  run(examination) {
    const { settings } = examination;
    const asked = askedScopes(settings);
    if (asked.length === 0) return skipped("none is asked for");
    if (productOf(examination.metadata) === "ZITADEL") {
      const found = zitadelsOwn(asked, settings.projectId);
      if (found) return found;
    }

    const granted = grantedScopes(examination);
    if (!granted) return skipped("the server does not say which scopes it granted");
    const dropped = asked.filter((one) => !granted.includes(one) && one !== "offline_access");
    if (dropped.length === 0) return ok("all that were asked for are granted");
    return warning(
      `the server dropped ${shownList(dropped, secretsOf(settings))}`,
      "let the server grant it to this client, or take it out of SCOPE",
    );
  },
};

function zitadelsOwn(asked: string[], projectId: string | undefined) {
  const misspelt = asked.find((one) => MISSPELT.test(one));
  if (misspelt) {
    const right = misspelt.startsWith(PREFIX)
      ? zitadel.scopes.roles()
      : misspelt.replace("urn:iam:", "urn:zitadel:iam:");
    return warning(`ZITADEL ignores the scope ${misspelt}`, `write ${right}`);
  }
  const wantsRoles = asked.some((one) => ROLES.test(one));
  if (wantsRoles && !asked.some((one) => AUDIENCE.test(one))) {
    const isId = projectId !== undefined && /^\d+$/.test(projectId);
    const scope = isId ? zitadel.scopes.audience(projectId) : `${PREFIX}:id:<project id>:aud`;
    return warning(
      "roles are asked for, but no project: ZITADEL puts none into the token",
      `add ${scope} to SCOPE`,
    );
  }
  return undefined;
}

/** @returns `undefined` if the server does not say */
function grantedScopes({ token }: Examination): string[] | undefined {
  const { scope, claims } = token ?? { scope: null, claims: undefined };
  const said = scope ?? claims?.scope ?? claims?.scp;
  if (typeof said === "string") return said.split(" ");
  return Array.isArray(said) ? said.filter((one) => typeof one === "string") : undefined;
}
