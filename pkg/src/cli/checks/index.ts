import type { Check } from "../check.js";
import { api } from "./api.js";
import { call } from "./call.js";
import { clientId } from "./client-id.js";
import { clientSecret } from "./client-secret.js";
import { clock } from "./clock.js";
import { issuer } from "./issuer.js";
import { keyFile } from "./key-file.js";
import { methods } from "./methods.js";
import { resource } from "./resource.js";
import { scope } from "./scope.js";
import { token } from "./token.js";
import { variables } from "./variables.js";

/** All checks, in order. */
export const CHECKS: Check[] = [
  variables,
  issuer,
  methods,
  clock,
  clientSecret,
  clientId,
  keyFile,
  token,
  scope,
  resource,
  api,
  call,
];
