// @ts-check
// What people write who use no package: one request for all who wait, and the token until it has
// ended.
import { serve } from "./serve.js";

export default serve(({ tokenEndpoint, clientId, clientSecret, scope }) => {
  /** @type {{ accessToken: string; endsAt: number } | undefined} */
  let token;
  /** @type {Promise<{ accessToken: string; endsAt: number }> | undefined} */
  let pending;

  async function request() {
    const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const response = await fetch(tokenEndpoint, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(credentials)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: scope.join(" ") }),
    });
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
    const { access_token, expires_in } =
      /** @type {{ access_token: string; expires_in: number }} */ (await response.json());
    return { accessToken: access_token, endsAt: Date.now() + expires_in * 1000 };
  }

  return async () => {
    if (!token || token.endsAt <= Date.now()) {
      pending ??= request().finally(() => {
        pending = undefined;
      });
      token = await pending;
    }
    return `Bearer ${token.accessToken}`;
  };
});
