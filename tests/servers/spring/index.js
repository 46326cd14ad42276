// @ts-check
import { prepare, VERSION } from "./build.js";
import { start } from "./server.js";

/** @type {import("../walk/types.js").Server} */
export const spring = {
  name: "spring",
  version: VERSION,
  prepare,
  start,
  lacks: {
    "private_key_jwt EdDSA": "it takes RS, PS and ES alone",
    "JWT profile": "it has no JWT bearer grant",
    "JWT by Ed": "it signs by RS, PS and ES alone",
    logout_token: "it has no back-channel logout",
  },
  differs: {
    "private_key_jwt of the future": { outcome: "token", because: "`iat` is not looked at" },
    "private_key_jwt used twice": { outcome: "token", because: "it remembers no `jti`" },
  },
};
