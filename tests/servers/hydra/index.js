// @ts-check
import { prepare, VERSION } from "./program.js";
import { start } from "./server.js";

/** @type {import("../walk/types.js").Server} */
export const hydra = {
  name: "hydra",
  version: VERSION,
  prepare,
  start,
  lacks: {
    client_secret_jwt: "it has no such method",
    "private_key_jwt EdDSA": "no client can be registered with it",
    "introspection with wrong credentials": "its administration port asks for none",
    "JWT by RS384": "it signs by RS256 alone, unless it is configured otherwise",
    "JWT by RS512": "as RS384",
    "JWT by PS": "as RS384",
    "JWT by E": "as RS384",
  },
  differs: {
    "metadata at oauth-authorization-server": { outcome: "404", because: "it speaks OpenID" },
    "metadata at oauth-authorization-server-appended": { outcome: "404", because: "as above" },
    "private_key_jwt expired": { outcome: "server_failed", because: "it answers 500" },
    "private_key_jwt of the future": { outcome: "server_failed", because: "as above" },
    "private_key_jwt for the issuer": {
      outcome: "credentials_refused",
      because: "the audience has to be the token endpoint",
    },
    "JWT profile of the future": {
      outcome: "token",
      because: "it looks at `exp` alone",
    },
    "JWT profile for the issuer": {
      outcome: "credentials_refused",
      because: "the audience has to be the token endpoint",
    },
    "revocation of another client's token": {
      outcome: "revoked, still accepted",
      because: "it answers 200 and revokes nothing",
    },
  },
};
