// Which product a server is, told by its paths. Advice names a product only where it is known.
import type { Metadata } from "edge-credentials";

export type Product = "ZITADEL" | "Keycloak";

export function productOf(metadata: Metadata | undefined): Product | undefined {
  const { tokenEndpoint, jwksUri } = metadata ?? {};
  if (tokenEndpoint?.endsWith("/oauth/v2/token") && jwksUri?.endsWith("/oauth/v2/keys")) {
    return "ZITADEL";
  }
  return tokenEndpoint?.endsWith("/protocol/openid-connect/token") ? "Keycloak" : undefined;
}
