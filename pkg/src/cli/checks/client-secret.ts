// The shape of the client secret.
import { ok, skipped, suspect } from "../check.js";
import type { Check } from "../check.js";
import { isChangedByBasic, shapeOf } from "../shape.js";

export const clientSecret: Check = {
  name: "secret",
  needs: ["variables"],
  run(examination) {
    const { clientId = "", clientSecret } = examination.settings;
    if (clientSecret === undefined) return skipped("CLIENT_SECRET is not set");

    const found = shapeOf("CLIENT_SECRET", clientSecret, examination);
    if (found) return found;
    if (clientSecret === clientId) {
      return suspect(
        examination,
        "CLIENT_SECRET is the same as CLIENT_ID",
        "set CLIENT_SECRET to the secret",
      );
    }
    if (isHeader(clientSecret, clientId)) {
      return suspect(
        examination,
        "CLIENT_SECRET holds the id and the secret in base64, as a Basic header has them",
        "set CLIENT_SECRET to the secret alone, as it is",
      );
    }
    return ok(
      isChangedByBasic(clientSecret)
        ? "looks right; Basic encodes some of its characters, as RFC 6749 section 2.3.1 says"
        : "looks right",
    );
  },
};

function isHeader(secret: string, clientId: string): boolean {
  const text = Buffer.from(secret.replace(/^Basic /i, ""), "base64").toString();
  return text.startsWith(`${clientId}:`);
}
