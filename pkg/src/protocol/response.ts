// What the core reads of a response, and of the request that it answers.
import type { ResponseData, RequestData } from "./http.js";
import { checkOptions, guardReads, invalidOption } from "../core/check-options.js";

/** The response headers that the core reads. */
export const READ_HEADERS = [
  "content-type",
  "retry-after",
  "date",
  "cache-control",
  "cf-mitigated",
];

/**
 * The longest form or header of a request that is searched for in a response, in characters. Nobody
 * sends longer ones. A longer response header is cut to this length.
 */
const MAX_LENGTH = 65_536;

/** How much of a body is passed to the core, in characters; one more makes the core refuse it. */
const MAX_BODY = 2 ** 20;

/** Joins a list by spaces, the form that the core takes. */
export function joinList(value: string | string[] | undefined = "") {
  return Array.isArray(value) ? value.join(" ") : value;
}

/** Reads the parts of a response that the core takes. */
export function readResponse(
  caller: string,
  response: ResponseData,
): {
  status: number;
  contentType: string | undefined;
  retryAfter: string | undefined;
  date: string | undefined;
  cacheControl: string | undefined;
  cfMitigated: string | undefined;
  body: string;
} {
  return guardReads(() => {
    refuseWholeResponse(caller, response);
    const { status, headers, body } = checkOptions(caller, response, {
      status: "status!",
      headers: "headers",
      body: "body!",
    });

    const texts = READ_HEADERS.map((name) =>
      headerValues(headers, name)[0]?.slice(0, MAX_LENGTH).toWellFormed(),
    );
    const [contentType, retryAfter, date, cacheControl, cfMitigated] = texts;
    // Cut, so that the rest of a body that the core refuses is not copied.
    const bounded = body.length > MAX_BODY ? body.slice(0, MAX_BODY + 1) : body;

    return { status, contentType, retryAfter, date, cacheControl, cfMitigated, body: bounded };
  });
}

function refuseWholeResponse(caller: string, response: unknown): void {
  const isWhole =
    typeof response === "object" &&
    response !== null &&
    "text" in response &&
    typeof response.text === "function";
  if (!isWhole) return;

  throw invalidOption(
    `${caller} takes status, headers and body, not a whole Response, ` +
      "whose body is still to be read",
    "const body = await response.text();\n" +
      `${caller}({ status: response.status, headers: response.headers, body }, …)`,
  );
}

/**
 * Reads the parts of a sent request that the core takes. Nothing is known of a request with two
 * `authorization` headers, as another HTTP client may make it: either may have been sent.
 */
function readRequest(request: RequestData): { authorization?: string; form?: string } {
  return guardReads(() => {
    const { headers, body } = {
      __proto__: null,
      ...request,
    } as Partial<RequestData>;
    const values = headerValues(headers, "authorization");
    if (typeof body !== "string") return {};
    if ([body, ...values].some((text) => text.length > MAX_LENGTH)) return {};

    const [authorization, ...others] = values.flatMap((value) => value.split(","));
    return others.length === 0 ? { authorization, form: body.toWellFormed() } : {};
  });
}

/**
 * Reads a response. If that fails, reads it once more with the request, whose secrets the core
 * removes from the server's words that the error shows.
 */
export function readWithRequest(
  request: RequestData | undefined,
  read: (sent: { authorization?: string; form?: string }) => string,
) {
  try {
    return read({});
  } catch (error) {
    if (request === undefined) throw error;
    return read(readRequest(request));
  }
}

/**
 * Returns all values of a header.
 *
 * @param name in lower case
 */
export function headerValues(headers: ResponseData["headers"], name: string) {
  // `get`, since iterating over a Headers object would take longer than all the rest.
  const values = isHeaders(headers)
    ? [headers.get(name)]
    : Object.entries(headers ?? {})
        .filter(([key]) => key.toLowerCase() === name)
        .flatMap(([, value]) => value);
  // As UTF-8 would encode them: JSON keeps lone surrogates, which the core refuses.
  return values.filter((value) => typeof value === "string").map((value) => value.toWellFormed());
}

/**
 * Whether headers are a Headers object. Its class may come from another realm or a library; then
 * the tag tells (but not on older compatibility dates of workerd).
 */
function isHeaders(headers: unknown): headers is Headers {
  return (
    headers instanceof Headers || Object.prototype.toString.call(headers) === "[object Headers]"
  );
}
