// @ts-check
// The tokens of a user who logs in by the code flow.
import { browse } from "./browser.js";

/**
 * @typedef {object} Application
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {string} redirectUri nothing has to listen there
 * @property {string} [scope]
 * @property {Record<string, string>} [parameters] more of the authorization request
 * @property {Record<string, string>} fields what the user fills in
 * @property {Map<string, string>} [cookies] keeps the user's session
 * @property {import("./browser.js").Visit["answer"]} [answer]
 */

/**
 * @param {Application} application
 * @returns {Promise<Record<string, string>>} the answer of the token endpoint
 */
export async function logUserIn(application) {
  const { issuer, clientId, clientSecret, redirectUri, fields, cookies, answer } = application;
  const metadata = await json(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: application.scope ?? "openid offline_access",
    state: "a-state-of-the-walk",
    ...application.parameters,
  });
  const start = `${metadata.authorization_endpoint}?${asked}`;
  const back = await browse(start, { until: redirectUri, fields, cookies, answer });
  const code = back.searchParams.get("code");
  if (!code) throw new Error(`the log-in ends without a code: ${back}`);

  const pair = [clientId, clientSecret].map(encodeURIComponent).join(":");
  const basic = Buffer.from(pair).toString("base64");
  return json(metadata.token_endpoint, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
    }),
  });
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 */
export async function json(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text}`);
  return text === "" ? {} : JSON.parse(text);
}
