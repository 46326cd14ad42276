// The key file: whose it is, and when it ends.
import { importKey } from "edge-credentials";
import { mistake, ok, skipped, suspect, warning } from "../check.js";
import type { Check } from "../check.js";
import { days } from "../duration.js";
import { memberOf } from "../settings.js";

const DAY = 86_400_000;

/** How long before its end a key is reported, ms. */
const AHEAD = 30 * DAY;

const NEW_KEY =
  "create a key of the service user (at ZITADEL: Keys, New, type JSON), set KEY_FILE to its text";

export const keyFile: Check = {
  name: "key file",
  needs: ["variables"],
  async run(examination) {
    const { keyFile, clientId, clientSecret } = examination.settings;
    if (keyFile === undefined) return skipped("KEY_FILE is not set");
    if (clientSecret !== undefined) return skipped("CLIENT_SECRET goes first");

    const { expiresAt } = await importKey(keyFile);
    const isApplications = memberOf(keyFile, "type") === "application";
    if (isApplications && clientId === undefined) {
      return mistake("KEY_FILE is an application's, not a service user's", NEW_KEY);
    }
    if (expiresAt !== null && expiresAt <= Date.now()) {
      const since = days(Date.now() - expiresAt);
      return { ...mistake(`KEY_FILE expired ${since} ago`, NEW_KEY), code: "key_expired" };
    }
    if (isApplications) {
      return suspect(
        examination,
        "KEY_FILE is an application's; ZITADEL takes a service user's for tokens",
        NEW_KEY,
      );
    }
    if (expiresAt !== null && expiresAt - Date.now() < AHEAD) {
      return warning(`KEY_FILE ends in ${days(expiresAt - Date.now())}`, `soon ${NEW_KEY}`);
    }
    const end =
      expiresAt === null || expiresAt - Date.now() > 50_000 * DAY
        ? "it has no end"
        : `it ends in ${days(expiresAt - Date.now())}`;
    return ok(`can be read${namesIn(keyFile)}; ${end}`);
  },
};

/** Whose key it is, to be compared with what the console shows. */
function namesIn(keyFile: string): string {
  const names = ["userId", "keyId"].map((name) => [name, memberOf(keyFile, name)] as const);
  const shown = names.filter(([, value]) => /^\d{1,20}$/.test(value ?? ""));
  return shown.map(([name, value]) => `, ${name} ${value}`).join("");
}
