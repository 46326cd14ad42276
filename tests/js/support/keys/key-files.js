// @ts-check
// Key files as ZITADEL gives them out.
import { makeKey } from "./jwt.js";

/** @param {Record<string, unknown>} [more] of all files */
export function keyFiles(more = {}) {
  const { privateKey } = makeKey("RS256");
  const key = String(privateKey.export({ type: "pkcs1", format: "pem" }));
  const file = { keyId: "401571988008602663", key, ...more };
  return {
    key,
    user: JSON.stringify({ type: "serviceaccount", ...file, userId: "401571987387845670" }),
    application: JSON.stringify({
      type: "application",
      ...file,
      appId: "401571987169742862",
      clientId: "401571987169807398",
    }),
  };
}
