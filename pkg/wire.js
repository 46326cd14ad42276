import { take } from "./core.js";
import { checkOptions, invalidOption } from "./options.js";

/**
 * A request as plain data.
 * @param {import("./wasm/inline.js").CoreRequest} core
 */
export function takeRequest(core) {
  return take(core, ({ method, url, headers: lines, body }) => {
    const headers = Object.fromEntries(lines.trimEnd().split("\n").map((line) => line.split(": ", 2)));
    const request = { method, url, headers, redirect: "manual" };
    return /** @type {import("./http.js").RequestData} */ (body === undefined ? request : { ...request, body });
  });
}

/**
 * What the core reads of an answer.
 * @param {string} caller
 * @param {import("./http.js").ResponseData} response
 * @returns {[status: number, contentType: string | undefined, retryAfter: string | undefined, body: string]}
 */
export function readResponse(caller, response) {
  if (typeof response === "object" && response !== null && "text" in response && typeof response.text === "function") {
    throw invalidOption(
      `${caller} takes status, headers and body, not a whole Response, whose body is still to be read`,
      `const body = await response.text();\n${caller}({ status: response.status, headers: response.headers, body }, …)`,
    );
  }
  const { status, headers, body } = checkOptions(caller, response, {
    status: "status!",
    headers: "headers",
    body: "string!",
  });
  // Longer than any answer may be; the core refuses it all the same, without copying the rest.
  const bounded = body.length > 2 ** 20 ? body.slice(0, 2 ** 20 + 1) : body;
  return [status, header(headers, "content-type"), header(headers, "retry-after"), bounded];
}

/**
 * @param {import("./http.js").ResponseData["headers"]} headers
 * @param {string} name in lower case
 * @returns {string | undefined}
 */
export function header(headers, name) {
  if (headers === undefined) return undefined;
  const value = isHeaders(headers)
    ? headers.get(name)
    : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : undefined;
}

/**
 * The class may come from another realm or a library, which the tag tells (not on older dates of workerd); a `get` may come from a
 * polluted prototype.
 * @param {object} headers
 * @returns {headers is Headers}
 */
function isHeaders(headers) {
  return headers instanceof Headers || Object.prototype.toString.call(headers) === "[object Headers]";
}
