// @ts-check
import { prepare, VERSION } from "./distribution.js";
import { start } from "./server.js";

/** @type {import("../walk/types.js").Server} */
export const keycloak = {
  name: "keycloak",
  version: VERSION,
  prepare,
  start,
  lacks: { "JWT by Ed25519": "it knows the older name alone" },
  differs: {},
};
