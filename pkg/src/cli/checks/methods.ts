// How clients can authenticate at the server.
import { ok } from "../check.js";
import type { Check } from "../check.js";
import { secretsOf } from "../settings.js";
import { shownList } from "../server-text.js";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

export const methods: Check = {
  name: "methods",
  needs: ["issuer"],
  run({ metadata, settings }) {
    const methods = metadata?.tokenEndpointAuthMethodsSupported;
    const grants = metadata?.document.grant_types_supported;
    const names = methods
      ? shownList(methods, secretsOf(settings))
      : "not said, which means client_secret_basic";
    const hasProfile = Array.isArray(grants) && grants.includes(JWT_BEARER);
    return ok(`${names}${hasProfile ? "; and the JWT profile" : ""}`);
  },
};
