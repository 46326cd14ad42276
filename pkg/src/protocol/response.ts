// What the core reads of a response, and of the request that it answers.
import type { CheckedResponseData, ResponseData } from "../core/calls.js";
import { responseDataKinds } from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import type { RequestData } from "../core/types.js";
import { isRecord, isText } from "../core/values.js";

/**
 * The longest form or header of a request that is searched for in a response, in characters. Nobody
 * sends longer ones. A longer response header is cut to this length.
 */
const MAX_LENGTH = 65_536;

/** How much of a body is passed to the core, in characters; one more makes the core refuse it. */
export const MAX_BODY: number = 2 ** 20;

/** What the core reads of a response. */
export interface ResponseHead extends SuccessHead {
  retryAfter: string | undefined;
  date: string | undefined;
  cacheControl: string | undefined;
  cfMitigated: string | undefined;
  cfRay: string | undefined;
}

/** What the core reads of a success. */
interface SuccessHead {
  status: number;
  contentType: string | undefined;
  body: string;
}

const checkers: Map<string, (response: unknown) => CheckedResponseData> = new Map();

/** @param caller the function that takes the response, for messages */
function checkResponse(caller: string, response: unknown): CheckedResponseData {
  let check = checkers.get(caller);
  if (!check) {
    check = checkerOf(caller, responseDataKinds);
    checkers.set(caller, check);
  }
  return check(response);
}

/** Reads the parts of a response that the core takes. */
export function readResponse(caller: string, response: ResponseData): ResponseHead {
  return readSuccess(caller, response).whole();
}

/**
 * Reads the parts of a response that the core takes of a success. `whole` reads the others, which
 * explain why it is none.
 */
export function readSuccess(
  caller: string,
  response: ResponseData,
): { head: SuccessHead; whole: () => ResponseHead } {
  return guardReads(() => {
    refuseWholeResponse(caller, response);
    const { status, headers, body: marked } = checkResponse(caller, response);
    const given = withoutMark(marked);
    // Cut, so that the rest of a body that the core refuses is not copied.
    const body = given.length > MAX_BODY ? given.slice(0, MAX_BODY + 1) : given;
    const contentType = headerValue(headers, "content-type");
    const head = { status, contentType, body };

    const whole = () => ({
      ...head,
      retryAfter: headerValue(headers, "retry-after"),
      date: headerValue(headers, "date"),
      cacheControl: headerValue(headers, "cache-control"),
      cfMitigated: headerValue(headers, "cf-mitigated"),
      cfRay: headerValue(headers, "cf-ray"),
    });
    return { head, whole: () => guardReads(whole) };
  });
}

/** A body without byte order marks, which JSON.parse does not read. */
export function withoutMark(body: string): string {
  return body.replace(/^\uFEFF+/, "");
}

/** Reads a header; of several values the first. */
function headerValue(headers: CheckedResponseData["headers"], name: string): string | undefined {
  const [value] = headerValues(headers, name);
  return value?.slice(0, MAX_LENGTH).toWellFormed().replaceAll("\0", "");
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

/** What the core reads of a request that was sent. */
export interface SentSecrets {
  url: string | undefined;
  /** as the server names itself */
  issuer: string | undefined;
  authorization: string | undefined;
  form: string | undefined;
}

const NOTHING_SENT: SentSecrets = {
  url: undefined,
  issuer: undefined,
  authorization: undefined,
  form: undefined,
};

/**
 * Reads the parts of a sent request that the core takes, whose secrets it removes from the server's
 * words that an error shows. Nothing is known of a request with two `authorization` headers, as
 * another HTTP client may make it: either may have been sent.
 */
export function readRequest(request: RequestData | undefined, issuer?: string): SentSecrets {
  if (request === undefined) return NOTHING_SENT;
  return guardReads(() => {
    const { url, headers, body } = { __proto__: null, ...request } as Partial<RequestData>;
    const values = headerValues(headers, "authorization");
    if (typeof body !== "string") return NOTHING_SENT;
    const isOdd = (text: string) => text.length > MAX_LENGTH || text.includes("\0");
    if ([body, ...values].some(isOdd)) return NOTHING_SENT;
    const [authorization, ...others] = values.flatMap((value) => value.split(","));
    if (others.length > 0) return NOTHING_SENT;
    // As UTF-8 would encode them.
    return {
      url: isText(url) ? url : undefined,
      issuer,
      authorization: authorization?.toWellFormed(),
      form: body.toWellFormed(),
    };
  });
}

/**
 * Reads a response. If that fails, reads it once more with the request, whose secrets the core
 * removes from the server's words that the error shows.
 */
export function readWithRequest<T>(
  request: RequestData | undefined,
  read: (sent: SentSecrets) => T,
  issuer?: string,
): T {
  try {
    return read(NOTHING_SENT);
  } catch (error) {
    if (request === undefined) throw error;
    return read(readRequest(request, issuer));
  }
}

/**
 * Returns all values of a header.
 *
 * @param name in lower case
 */
export function headerValues(headers: CheckedResponseData["headers"], name: string): string[] {
  if (isHeaders(headers)) {
    // `get`, since iterating over a Headers object would take longer than all the rest.
    const value: unknown = headers.get(name);
    return typeof value === "string" ? [value] : [];
  }
  // The letters of a text would be entries too.
  return Object.entries(isRecord(headers) ? headers : {})
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value)
    .filter((value) => typeof value === "string");
}

/**
 * Whether headers are a Headers object. Its class may come from another realm or a library; then
 * the tag tells (but not on older compatibility dates of workerd).
 */
export function isHeaders(headers: unknown): headers is Headers {
  return (
    headers instanceof Headers || Object.prototype.toString.call(headers) === "[object Headers]"
  );
}
