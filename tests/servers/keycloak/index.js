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
    "JWT profile": "its JWT grant needs an identity provider and a linked user: not set up",
  },
  differs: {},
};
