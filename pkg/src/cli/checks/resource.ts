// A resource that the server ignored.
import { ok, skipped, warning } from "../check.js";
import type { Check } from "../check.js";
import { productOf } from "../product.js";

export const resource: Check = {
  name: "resource",
  needs: ["token"],
  run({ settings, token, metadata }) {
    const { resource } = settings;
    if (resource === undefined) return skipped("RESOURCE is not set");
    const product = productOf(metadata);
    const aud = token?.claims?.aud;
    if (token?.claims && [aud].flat().includes(resource)) return ok("it is in the token's `aud`");
    if (!token?.claims && product === undefined) {
      return skipped("the token is opaque: whether RESOURCE counted is not known");
    }
    return warning("the server ignored RESOURCE", FIXES[product ?? "other"]);
  },
};

const FIXES = {
  ZITADEL: "unset it, and name the project in SCOPE: urn:zitadel:iam:org:project:id:<id>:aud",
  Keycloak: "unset it, and give the client an audience mapper, by a client scope",
  other: "register the resource at the server, or see by which parameter it takes audiences",
};
