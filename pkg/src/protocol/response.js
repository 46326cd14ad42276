import { checkOptions, invalidOption, guardReads } from "../core/check-options.js";

/** What of an answer's headers says something here. */
export const READ_HEADERS = [
  "content-type",
  "retry-after",
  "date",
  "cache-control",
  "cf-mitigated",
];

/**
 * Of a longer form or header, which nobody sends, nothing is looked for in an answer; nor is more
 * read of an answer's header.
 */
const LONGEST = 65_536;

/**
 * A list as the core takes it.
 *
 * @param {string | string[] | undefined} value
 */
export function joinList(value = "") {
  return Array.isArray(value) ? value.join(" ") : value;
}

/**
 * What the core reads of an answer.
 *
 * @param {string} caller
 * @param {import("./http.js").ResponseData} response
 * @returns {{
 *   status: number;
 *   contentType: string | undefined;
 *   retryAfter: string | undefined;
 *   date: string | undefined;
 *   cacheControl: string | undefined;
 *   cfMitigated: string | undefined;
 *   body: string;
 * }}
 */
export function readResponse(caller, response) {
  return guardReads(() => {
    if (
      typeof response === "object" &&
      response !== null &&
      "text" in response &&
      typeof response.text === "function"
    ) {
      throw invalidOption(
        `${caller} takes status, headers and body, not a whole Response, whose body is still to be read`,
        `const body = await response.text();\n${caller}({ status: response.status, headers: response.headers, body }, …)`,
      );
    }
    const { status, headers, body } = checkOptions(caller, response, {
      status: "status!",
      headers: "headers",
      body: "body!",
    });
    // Longer than any answer may be; the core refuses it all the same, without copying the rest.
    const bounded = body.length > 2 ** 20 ? body.slice(0, 2 ** 20 + 1) : body;
    const texts = READ_HEADERS.map((name) =>
      headerValues(headers, name)[0]?.slice(0, LONGEST).toWellFormed(),
    );
    const [contentType, retryAfter, date, cacheControl, cfMitigated] = texts;
    return { status, contentType, retryAfter, date, cacheControl, cfMitigated, body: bounded };
  });
}

/**
 * What the core reads of a request that was sent. It may have been through another HTTP client; a
 * header that is there more than once does not tell which was sent, and then nothing is known of
 * the request.
 *
 * @param {import("./http.js").RequestData} request
 * @returns {{ authorization?: string; form?: string }}
 */
function readRequest(request) {
  return guardReads(() => {
    const { headers, body } = /** @type {Partial<import("./http.js").RequestData>} */ ({
      __proto__: null,
      ...request,
    });
    const values = headerValues(headers, "authorization");
    if (typeof body !== "string" || [body, ...values].some((text) => text.length > LONGEST))
      return {};
    const [authorization, ...others] = values.flatMap((value) => value.split(","));
    const isKnown = others.length === 0;
    return isKnown ? { authorization, form: body.toWellFormed() } : {};
  });
}

/**
 * Reads an answer. What was sent is looked at only where something is wrong, for it tells what of
 * the server's words can be shown.
 *
 * @param {import("./http.js").RequestData | undefined} request
 * @param {(sent: { authorization?: string; form?: string }) => string} read
 */
export function readWithRequest(request, read) {
  try {
    return read({});
  } catch (error) {
    if (request === undefined) throw error;
    return read(readRequest(request));
  }
}

/**
 * All values of a header.
 *
 * @param {import("./http.js").ResponseData["headers"]} headers
 * @param {string} name in lower case
 */
export function headerValues(headers, name) {
  // Not by its entries, which take longer than all the rest.
  const values = isHeaders(headers)
    ? [headers.get(name)]
    : Object.entries(headers ?? {})
        .filter(([key]) => key.toLowerCase() === name)
        .flatMap(([, value]) => value);
  // As UTF-8 would carry it: JSON keeps lone surrogates, which the core does not take.
  return values.filter((value) => typeof value === "string").map((value) => value.toWellFormed());
}

/**
 * The class may come from another realm or a library, which the tag tells (not on older dates of
 * workerd).
 *
 * @param {unknown} headers
 * @returns {headers is Headers}
 */
function isHeaders(headers) {
  return (
    headers instanceof Headers || Object.prototype.toString.call(headers) === "[object Headers]"
  );
}
