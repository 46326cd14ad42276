// @ts-check
// A token request as text: as it goes over the wire, and as code to copy. The secret is in it only
// where it is asked for: else the code takes it from the environment, and makes of it what the
// package made.

/** @typedef {import("edge-credentials").RequestData} RequestData */
/** @typedef {{ request: RequestData; secretShown: boolean }} Shown */

export const MASK = "••••••••";
const IN_NODE = "process.env.CLIENT_SECRET";
const ENCODED_SECRET = `new URLSearchParams({ "": ${IN_NODE} }).toString().slice(1)`;

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
 * For a POSIX shell.
 *
 * @param {Shown} shown
 */
export function curlOf({ request, secretShown }) {
  const { url, headers, body = "" } = request;
  const encodes = headers.authorization !== undefined && !secretShown;
  const header = (/** @type {[string, string]} */ [name, value]) =>
    name === "authorization" && encodes
      ? '--header "authorization: Basic $credentials"'
      : `--header ${inShell(`${name}: ${value}`)}`;
  const parameter = (/** @type {string} */ part) =>
    isSecret(part) && !secretShown
      ? '--data-urlencode "client_secret=${CLIENT_SECRET:?}"'
      : `--data-raw ${inShell(part)}`;

  // curl joins the parameters by `&`, as they were.
  const command = [
    `curl ${inShell(url)}`,
    ...Object.entries(headers).map(header),
    ...body.split("&").map(parameter),
  ].join(" \\\n  ");
  return encodes ? `credentials=$(${credentialsInShell(request)}) &&\n${command}` : command;
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
 *   options: import("edge-credentials").TokenOptions &
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
      return `  ${name}: ${hides ? IN_NODE : JSON.stringify(value)},`;
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

/** @param {string} text */
function inShell(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The encoded id has no quotes: it is letters, digits, `%`, `+` and `*-._`.
 *
 * @param {RequestData} request
 */
function credentialsInShell(request) {
  const program = `btoa("${encodedId(request)}:" + ${ENCODED_SECRET})`;
  return `CLIENT_SECRET=\${CLIENT_SECRET:?} node -p '${program}'`;
}

/**
 * As the package encoded it.
 *
 * @param {RequestData} request
 */
function encodedId({ headers }) {
  return headers.authorization
    ? atob(headers.authorization.replace("Basic ", "")).split(":")[0]
    : "";
}

/** @param {string} part of a form */
function isSecret(part) {
  return part.startsWith("client_secret=");
}
