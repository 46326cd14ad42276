// @ts-check
// A token request as text: as it goes over the wire, and as code to copy. The secret is in it only
// where it is asked for: else the code takes it from the environment, and makes of it what the
// package made.

/** @typedef {import("edge-credentials").RequestData} RequestData */
/** @typedef {{ request: RequestData; secretShown: boolean }} Shown */

export const MASK = "••••••••";
const IN_NODE = "process.env.CLIENT_SECRET";
const ENCODED_SECRET = `new URLSearchParams({ "": ${IN_NODE} }).toString().slice(1)`;

const ENCODE_IN_SHELL =
  "secret=$(S=${CLIENT_SECRET:?} node -p 'encodeURIComponent(process.env.S)')";

/**
 * What of a request is secret goes.
 *
 * @param {RequestData} request
 * @returns {RequestData}
 */
export function masked(request) {
  const { headers, body } = request;
  const { authorization } = headers;
  const shown = { ...request, headers: { ...headers } };

  if (authorization) shown.headers.authorization = authorization.replace(/ .*/s, ` ${MASK}`);
  if (body !== undefined) {
    const parts = body.split("&");
    shown.body = parts.map((part) => (isSecret(part) ? `client_secret=${MASK}` : part)).join("&");
  }
  return shown;
}

/**
 * For a POSIX shell, as a person types it: curl itself makes the header of `-u`, encodes the form
 * and names its type.
 *
 * @param {Shown} shown
 */
export function curlOf({ request, secretShown }) {
  const { url, body = "" } = request;
  const [id, secret] = credentialsOf(request);
  const isEncoded = secret !== undefined && decodeForm(secret) !== secret;
  const parameter = ([name, value] = ["", ""]) => {
    if (name === "client_secret" && !secretShown)
      return '--data-urlencode "client_secret=${CLIENT_SECRET:?}"';
    const isPlain = /^[\w.:-]*$/.test(value);
    return isPlain ? `-d ${name}=${value}` : `--data-urlencode ${inShell(`${name}=${value}`)}`;
  };
  const user = () => {
    if (secretShown) return [`-u ${inShell(`${id}:${secret}`)}`];
    // The encoded id has no quotes: it is letters, digits, `%`, `+` and `*-._`.
    return [`-u "${id}:${isEncoded ? "$secret" : "${CLIENT_SECRET:?}"}"`];
  };

  const command = [
    `curl ${/^[\w.:/-]+$/.test(url) ? url : inShell(url)}`,
    ...(secret === undefined ? [] : user()),
    ...[...new URLSearchParams(body)].map(parameter),
  ].join(" \\\n  ");
  return isEncoded && !secretShown ? `${ENCODE_IN_SHELL} &&\n${command}` : command;
}

/**
 * For Node, as a module.
 *
 * @param {Shown} shown
 */
export function fetchOf({ request, secretShown }) {
  const { method, url, headers, body = "", cache } = request;
  const encoding = [
    "// Form-encoded first: RFC 6749, section 2.3.1.",
    `const secret = ${ENCODED_SECRET};`,
  ];
  const authorization = secretShown
    ? JSON.stringify(headers.authorization)
    : `\`Basic \${btoa(\`${encodedId(request)}:\${secret}\`)}\``;
  const form =
    secretShown || headers.authorization
      ? JSON.stringify(body)
      : `\`${body.replace(/(?<=&client_secret=)[^&]*/, "${secret}")}\``;
  const member = (/** @type {[string, string]} */ [name, value]) => {
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    return `    ${key}: ${name === "authorization" ? authorization : JSON.stringify(value)},`;
  };

  return [
    ...(secretShown ? [] : encoding),
    `const response = await fetch(${JSON.stringify(url)}, {`,
    `  method: ${JSON.stringify(method)},`,
    "  headers: {",
    ...Object.entries(headers).map(member),
    "  },",
    `  body: ${form},`,
    '  redirect: "manual",',
    ...(cache ? [`  cache: ${JSON.stringify(cache)},`] : []),
    "});",
    "console.log(response.status, await response.text());",
  ].join("\n");
}

/**
 * The same with a token source, which keeps the token fresh.
 *
 * @param {{
 *   options: import("edge-credentials").TokenRequestOptions &
 *     import("edge-credentials").SecretCredentials;
 *   secretShown: boolean;
 * }} shown
 */
export function sourceOf({ options, secretShown }) {
  const { tokenEndpoint, clientId, clientSecret, scope, resource, clientAuth } = options;
  const given = { tokenEndpoint, clientId, clientSecret, scope, resource, clientAuth };
  const lines = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const hides = name === "clientSecret" && !secretShown;
      return `  ${name}: ${hides ? IN_NODE : literal(value)},`;
    });

  return [
    'import { tokenSource } from "edge-credentials";',
    "",
    "const source = tokenSource({",
    ...lines,
    "});",
    "const token = await source.get();",
    "console.log(token.tokenType, new Date(token.expiresAt));",
  ].join("\n");
}

/**
 * A list has a line for each text.
 *
 * @param {unknown} value
 */
function literal(value) {
  const indented = JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
  return Array.isArray(value) && value.length > 1 ? indented : JSON.stringify(value);
}

/** @param {string} text */
function inShell(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @param {RequestData} request */
function encodedId(request) {
  return credentialsOf(request)[0] ?? "";
}

/**
 * The id and the secret of a Basic header, as the package encoded them.
 *
 * @param {RequestData} request
 * @returns {string[]} empty where the credentials are in the form
 */
function credentialsOf({ headers }) {
  return headers.authorization ? atob(headers.authorization.replace("Basic ", "")).split(":") : [];
}

/** @param {string} text */
function decodeForm(text) {
  return new URLSearchParams(`a=${text}`).get("a");
}

/** @param {string} part of a form */
function isSecret(part) {
  return part.startsWith("client_secret=");
}
