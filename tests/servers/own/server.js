// @ts-check
// The user's own server, as the walk wants to have it.
import { tokenSource } from "edge-credentials";
import { Stop } from "../../../scripts/run.js";
import { shapeOf } from "../walk/observe.js";
import { loginsOf } from "./settings.js";

/** @typedef {import("../walk/types.js").Running} Running */
/** @typedef {import("./settings.js").Variables} Variables */

/**
 * @param {Variables} variables
 * @returns {Promise<Running>}
 */
export async function ownServer(variables) {
  const { ISSUER: issuer, PROJECT_ID: projectId, AUDIENCE: audience = projectId } = variables;
  if (!issuer) throw new Stop("set ISSUER to the server, exactly as it names itself");
  const logins = await loginsOf(variables);
  const [usual] = Object.keys(logins);
  const verifier = { ...(audience && { audience }), ...(projectId && { projectId }) };
  const asker = askerOf(variables);
  return {
    issuer,
    logins,
    usual,
    verifier,
    signed: audience ? await signedBy(issuer, logins[usual]) : {},
    ...(asker &&
      audience && {
        introspected: {
          login: logins[usual],
          asker,
          wrong: { ...asker, clientSecret: "wrong" },
          verifier,
        },
        other: asker,
      }),
    stop: async () => {},
  };
}

/** @param {Variables} variables */
function askerOf({ API_CLIENT_ID: clientId, API_CLIENT_SECRET: clientSecret }) {
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}

/**
 * @type {(
 *   issuer: string,
 *   login: import("../walk/types.js").Login,
 * ) => Promise<Running["signed"]>}
 */
async function signedBy(issuer, login) {
  const source = tokenSource(/** @type {any} */ ({ issuer, ...login }));
  const { accessToken } = await source.get();
  const [, algorithm] = /^JWT (\S+)/.exec(shapeOf(accessToken)) ?? [];
  return algorithm ? { [algorithm]: login } : {};
}
