// @ts-check
import { prepare, VERSION } from "./distribution.js";
import { start } from "./server.js";

/** @type {import("../walk/types.js").Server} */
export const keycloak = {
  name: "keycloak",
  version: VERSION,
  prepare,
  start,
  lacks: {
    "JWT profile": "its JWT grant takes the assertions of identity providers, for users alone",
  },
  differs: {},
};
