// @ts-check
import { hydra } from "./hydra/index.js";
import { keycloak } from "./keycloak/index.js";
import { oidcProvider } from "./oidc-provider/index.js";
import { spring } from "./spring/index.js";
import { zitadelOidc } from "./zitadel-oidc/index.js";

/** The slowest first. */
export const SERVERS = [keycloak, spring, hydra, zitadelOidc, oidcProvider];
