// Whether there is enough to log in with.
import { mistake, ok, warning } from "../check.js";
import type { Check } from "../check.js";
import { VARIABLES } from "../settings.js";
import type { Settings } from "../settings.js";

export const variables: Check = {
  name: "variables",
  run({ settings, differing }) {
    const { issuer, clientId, clientSecret, keyFile, audience, projectId } = settings;
    if (issuer === undefined) {
      return mistake("ISSUER is not set", "set it to the server's address, as the server names it");
    }
    if (clientSecret === undefined && keyFile === undefined) {
      return mistake(
        "neither CLIENT_SECRET nor KEY_FILE is set",
        "set CLIENT_ID and CLIENT_SECRET, or KEY_FILE to the text of a key file",
      );
    }
    if (clientSecret !== undefined && clientId === undefined) {
      return mistake("CLIENT_ID is not set", "set it: a secret belongs to a client id");
    }
    if (clientSecret !== undefined && keyFile !== undefined) {
      return warning(
        "CLIENT_SECRET and KEY_FILE are set; the secret is checked, the key file is not",
        "leave CLIENT_SECRET out to check the key file",
      );
    }
    if (differing.length > 0) {
      return warning(
        `different values: ${differing.join("; ")}`,
        "see which one your program reads; the value of the last file is checked",
      );
    }
    if (isZitadelsId(audience) && isZitadelsId(projectId) && audience !== projectId) {
      return warning(
        "AUDIENCE and PROJECT_ID are different ids; ZITADEL's audience is the project",
        "set both to the id of the API's project",
      );
    }
    return ok(`${namesOf(settings)} are set`);
  },
};

function isZitadelsId(text = ""): boolean {
  return /^\d{15,20}$/.test(text);
}

function namesOf(settings: Settings): string {
  const names = Object.entries(VARIABLES).filter(([name]) => Object.hasOwn(settings, name));
  return names.map(([, variable]) => variable).join(", ");
}
