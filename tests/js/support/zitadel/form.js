// @ts-check
// What ZITADEL reads out of a form and its headers, as Go's libraries do: parameters, and the
// credentials of a client.

/** @typedef {import("./rules.js").Answer} Answer */
/** @typedef {{ clientId: string; clientSecret: string; assertion?: string }} Credentials */

const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Go's `ParseForm`: another content type has no form, which is no error yet.
 *
 * @param {import("./rules.js").Recorded} request
 * @returns {Map<string, string> | undefined}
 */
export function readForm({ headers, body }) {
  const form = new Map();
  if (
    headers["content-type"]?.split(";")[0].trim().toLowerCase() !==
    "application/x-www-form-urlencoded"
  )
    return form;
  for (const pair of body.split("&").filter(Boolean)) {
    const [name, ...value] = pair.split("=");
    const key = queryUnescape(name);
    const text = queryUnescape(value.join("="));
    if (pair.includes(";") || key === undefined || text === undefined) return undefined;
    if (!form.has(key)) form.set(key, text);
  }
  return form;
}

/**
 * Who the client says it is, by one method and no more; or what is wrong with that.
 *
 * @type {(
 *   authorization: string | undefined,
 *   form: Map<string, string>,
 * ) => { credentials: Credentials } | { refusal: Answer }}
 */
export function readCredentials(authorization, form) {
  const basic = readBasic(authorization);
  const assertion = form.get("client_assertion");
  const refuse = (/** @type {string} */ error, /** @type {string} */ description) => ({
    refusal: oauthError(error, description),
  });
  if ([basic, form.has("client_secret"), assertion].filter(Boolean).length > 1) {
    return refuse("invalid_request", "client authentication must not use more than one method");
  }
  const [clientId, clientSecret] = basic
    ? basic.map(queryUnescape)
    : [form.get("client_id") ?? "", form.get("client_secret") ?? ""];
  if (clientId === undefined || clientSecret === undefined)
    return refuse("invalid_client", "invalid basic auth header");
  if (!clientId && !assertion)
    return refuse("invalid_request", "client_id or client_assertion must be provided");
  const type = form.get("client_assertion_type") ?? "";
  if (assertion && type !== JWT_BEARER)
    return refuse("invalid_request", `invalid client_assertion_type ${type}`);
  return { credentials: { clientId, clientSecret, assertion } };
}

/**
 * Go's `BasicAuth`: whatever is not a well-formed header counts as none.
 *
 * @param {string | undefined} authorization
 */
function readBasic(authorization) {
  const encoded = /^Basic ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/i.exec(
    authorization ?? "",
  )?.[1];
  const [id, ...secret] = Buffer.from(encoded ?? "", "base64")
    .toString("utf8")
    .split(":");
  return secret.length ? [id, secret.join(":")] : undefined;
}

/**
 * Go's `url.QueryUnescape`: a plus is a space, and a percent sign without two hexadecimal digits is
 * an error.
 *
 * @param {string} text
 */
function queryUnescape(text) {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const bytes = text
    .replaceAll("+", " ")
    .split(/(%..)/)
    .map((part) => (part.startsWith("%") ? Buffer.from(part.slice(1), "hex") : Buffer.from(part)));
  return Buffer.concat(bytes).toString("utf8");
}

/** @type {(error: string, description: string, status?: number) => Answer} */
export function oauthError(error, description, status = 400) {
  return { status, body: { error, error_description: description } };
}
