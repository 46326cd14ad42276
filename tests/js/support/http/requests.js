// @ts-check
// Requests to the servers of the tests, with nothing but fetch.

/** @typedef {{ status: number; headers: Headers; text: string; json: any }} Answer */

/**
 * @type {(
 *   url: string,
 *   form: Record<string, string>,
 *   headers?: Record<string, string>,
 * ) => Promise<Answer>}
 */
export async function postForm(url, form, headers) {
  const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
  const text = await response.text();
  const json = text ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

/**
 * The header for HTTP Basic authentication.
 *
 * @param {string} id
 * @param {string} secret
 * @param {(text: string) => string} [encode] as RFC 6749 section 2.3.1 wants
 */
export function basicAuth(id, secret, encode = encodeURIComponent) {
  const credentials = `${encode(id)}:${encode(secret)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}
