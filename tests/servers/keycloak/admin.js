// @ts-check
// What an administrator changes while Keycloak runs.
import { json } from "../setup/user-login.js";
import { REALM } from "./realm.js";

export const ADMIN = { username: "admin", password: "an administrator's" };

/** @param {string} origin */
export function administrator(origin) {
  const realm = `${origin}/admin/realms/${REALM}`;

  /** @type {(path: string, init?: RequestInit) => Promise<any>} */
  async function call(path, init) {
    const { access_token: token } = await json(
      `${origin}/realms/master/protocol/openid-connect/token`,
      {
        method: "POST",
        body: new URLSearchParams({ grant_type: "password", client_id: "admin-cli", ...ADMIN }),
      },
    );
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return json(`${realm}${path}`, { headers, ...init });
  }

  return {
    /** @param {string} clientId */
    async newSecret(clientId) {
      const [{ id }] = await call(`/clients?clientId=${encodeURIComponent(clientId)}`);
      const { value } = await call(`/clients/${id}/client-secret`, { method: "POST" });
      return String(value);
    },
    async newKey() {
      const { id } = await call("");
      const config = { priority: ["200"], algorithm: ["RS256"] };
      const component = {
        name: "newer",
        providerId: "rsa-generated",
        providerType: "org.keycloak.keys.KeyProvider",
        parentId: id,
        config,
      };
      await call("/components", { method: "POST", body: JSON.stringify(component) });
    },
  };
}
