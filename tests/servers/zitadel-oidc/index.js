// @ts-check
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/run.js";
import { goBuild } from "../setup/go.js";
import { inTarget, requireTools } from "../setup/tools.js";
import { start } from "./server.js";

const FOLDER = join(root, "tests/servers/zitadel-oidc");
const MODULE = "github.com/zitadel/oidc/v3";
const [, VERSION = ""] =
  new RegExp(`${MODULE} v(\\S+)`).exec(readFileSync(join(FOLDER, "go.mod"), "utf8")) ?? [];
const PROGRAM = inTarget("zitadel-oidc", "server");

/** @type {import("../walk/types.js").Server} */
export const zitadelOidc = {
  name: "zitadel-oidc",
  version: VERSION,
  async prepare() {
    requireTools("go");
    await goBuild(PROGRAM, FOLDER);
  },
  start: () => start(PROGRAM),
  lacks: {
    client_secret_jwt: "it has no such method",
    private_key_jwt: "the example's client credentials have secrets alone",
    "JWT by RS384": "the example signs by RS256 alone",
    "JWT by RS512": "as RS384",
    "JWT by PS": "as RS384",
    "JWT by E": "as RS384",
    "revocation of another client's token": "the example's clients that may revoke are one",
    logout_token: "it has no back-channel logout",
    "the secret rotates": "the example's service user has one secret, written in its source",
  },
  differs: {
    "metadata at oauth-authorization-server": { outcome: "404", because: "it speaks OpenID" },
    "metadata at oauth-authorization-server-appended": { outcome: "404", because: "as above" },
    "JWT profile EdDSA": {
      outcome: "credentials_refused",
      because: "its verifier of assertions takes RS256, PS256 and ES256",
    },
    "wrong scope": { outcome: "token", because: "an unknown scope is granted" },
    "JWT profile used twice": { outcome: "token", because: "it remembers no `jti`" },
    "JWT profile for the token endpoint": {
      outcome: "credentials_refused",
      because: "the audience has to be the issuer",
    },
    "introspection of a token": {
      outcome: "audience_refused",
      because: "its answer has neither `aud` nor `token_type`: anything may be meant",
    },
    "introspection after revocation": {
      outcome: "audience_refused, revoked, token_inactive",
      because: "as above",
    },
    "revocation of a token": {
      outcome: "credentials_refused",
      because: "a service user is no client there",
    },
    "revocation of garbage": { outcome: "credentials_refused", because: "as above" },
    "the keys rotate": {
      outcome: "accepted, then accepted at once, the older one token_invalid",
      because: "its keys change when it starts, and the older ones are gone",
    },
  },
};
