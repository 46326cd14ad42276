// @ts-check
// What an administrator, and the pages of login and consent, tell Hydra.
import { json } from "../setup/user-login.js";

/** @param {string} admin its address */
export function administrator(admin) {
  /** @type {(method: string, path: string, body: unknown) => Promise<any>} */
  const call = (method, path, body) =>
    json(`${admin}/admin${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  return {
    /** @param {object} client */
    addClient: (client) => call("POST", "/clients", client),
    /** @type {(clientId: string, clientSecret: string) => Promise<unknown>} */
    setSecret: (clientId, clientSecret) =>
      call("PATCH", `/clients/${clientId}`, [
        { op: "replace", path: "/client_secret", value: clientSecret },
      ]),
    /** @param {object} grant whose assertions are a grant */
    trust: (grant) => call("POST", "/trust/grants/jwt-bearer/issuers", grant),
    newKey: () => call("POST", "/keys/hydra.jwt.access-token", { alg: "RS256", use: "sig" }),

    /**
     * Says yes to everything.
     *
     * @param {string} pages
     * @returns {(url: string) => Promise<string | undefined>}
     */
    answer: (pages) => async (url) => {
      if (!url.startsWith(pages)) return undefined;
      const { pathname, searchParams } = new URL(url);
      const kind = pathname.slice(1);
      const challenge = searchParams.get(`${kind}_challenge`);
      const path = `/oauth2/auth/requests/${kind}/accept?${kind}_challenge=${challenge}`;
      const grant = { grant_scope: ["openid", "offline_access"] };
      const body = kind === "login" ? { subject: "someone", remember: true } : grant;
      return (await call("PUT", path, body)).redirect_to;
    },
  };
}
