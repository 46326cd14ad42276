// @ts-check
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/run.js";
import { start } from "./server.js";

const manifest = readFileSync(join(root, "node_modules/oidc-provider/package.json"), "utf8");

/** @type {import("../walk/types.js").Server} */
export const oidcProvider = {
  name: "oidc-provider",
  version: JSON.parse(manifest).version,
  prepare: async () => {},
  start,
  lacks: { "JWT profile": "it has no JWT bearer grant; the embedded provider adds one" },
  differs: {
    "wrong scope": { outcome: "token", because: "an unknown scope is dropped" },
    "private_key_jwt of the future": { outcome: "token", because: "`iat` is not looked at" },
    "revocation of another client's token": {
      outcome: "revoked, still accepted",
      because: "it answers 200 and revokes nothing",
    },
    "id_token as a JWT": {
      outcome: "refused for its scope alone",
      because: "without nonce its id_token has no mark",
    },
  },
};
