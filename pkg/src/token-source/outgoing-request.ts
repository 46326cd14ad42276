// Reads what a caller passes to `source.fetch`.
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { isSignal } from "../core/values.js";
import { httpOrigin } from "./allowed-origins.js";

/**
 * Reads the arguments of `fetch`. All members of `init` are kept, also those that only one runtime
 * knows.
 *
 * @param hasApiFetch whether the caller gave an `apiFetch`, which may accept requests of another
 *   library
 */
export function readOutgoingRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  hasApiFetch: boolean,
) {
  return guardReads(() => {
    checkArguments(input, init, hasApiFetch);
    // A Request's members are not its own properties, so `init` is not copied if it is a Request.
    const request = requestOf(input, init);
    const given = { __proto__: null, ...(request !== init && init) } as RequestInit;

    const isRequest = input instanceof Request || isForeignRequest(input);
    const href = checkAddress(isRequest ? input.url : String(input));
    const redirect = given.redirect ?? redirectOf(request);
    const signal = given.signal ?? request?.signal ?? undefined;
    if (signal && !isSignal(signal)) {
      throw invalidOption("`signal` must be an AbortSignal", "check where the value comes from");
    }
    const body = given.body ?? bodyOf(request);
    const whole: RequestInit = {
      ...(request && { method: request.method }),
      ...(isStream(given.body) && { duplex: "half" }),
      ...given,
      ...(redirect && { redirect }),
    };

    return {
      origin: httpOrigin(href),
      headers: readHeaders(given.headers ?? request?.headers),
      signal,
      isRepeatable: isRepeatable(body),
      // The body of a Request is a stream, whatever it was made of.
      isCopied: isStream(body) && body === request?.body && request instanceof Request,
      init: whole,
      prepare: () => prepare(input, request === init ? request : undefined, given, href),
    };
  });
}

function checkArguments(
  input: string | URL | Request,
  init: RequestInit | undefined,
  hasApiFetch: boolean,
) {
  if (input === undefined || input === null) {
    throw invalidOption(
      `the address to fetch is ${input}: is the binding set?`,
      "set what it comes from, such as API_URL",
    );
  }
  if (isForeignRequest(input) && !hasApiFetch) {
    throw invalidOption(
      "the Request to fetch is of another realm or library",
      "pass its address instead, or give the source an `apiFetch` that knows it",
    );
  }
  if (init !== undefined && init !== null && Object(init) !== init) {
    throw invalidOption(
      "the second argument of `fetch` is no object",
      "pass `{ method, headers, … }`, or leave it out",
    );
  }
}

/** Returns the Request among the arguments; `init` comes first, since it overrides `input`. */
function requestOf(input: string | URL | Request, init: RequestInit | undefined) {
  const request = [init, input].find(
    (value) => value instanceof Request || (value === input && isForeignRequest(value)),
  );
  return request as Request | undefined;
}

/**
 * Makes what is passed to the runtime's `fetch` of what was checked: a copy of a Request, or the
 * address that was parsed. A caller's `url` or `toString` may return something else the next time.
 */
function prepare(
  input: string | URL | Request,
  init: Request | undefined,
  given: RequestInit,
  href: string,
) {
  try {
    if (init) return new Request(input instanceof Request ? input : href, init);
    if (!(input instanceof Request)) return isForeignRequest(input) ? input : href;
    // If `given` replaces the body, that of the Request may have been read already.
    return given.body ? new Request(input, { method: "POST", body: "" }) : new Request(input);
  } catch {
    throw invalidOption(
      "the Request to fetch cannot be sent",
      "its body can be read once: make a new one for each call",
    );
  }
}

/** Whether a value is a Request of another library or realm. */
function isForeignRequest(input: unknown): input is Request {
  return (
    typeof input === "object" &&
    input !== null &&
    !(input instanceof Request || input instanceof URL) &&
    "url" in input
  );
}

function checkAddress(text: string) {
  const { href, username, password } = parseAddress(text);
  if (username || password) {
    throw invalidOption(
      "the address to fetch holds a user name or a password",
      "leave them out: the token is what opens the API",
    );
  }
  return href;
}

function parseAddress(text: string) {
  try {
    return new URL(text, (globalThis as any).location?.href);
  } catch {
    throw invalidOption(
      "the address to fetch is no absolute URL",
      "write it out, such as https://api.example/users",
    );
  }
}

function readHeaders(given: RequestInit["headers"]) {
  try {
    return new Headers(given);
  } catch {
    // The runtime's error is dropped, since it quotes the value.
    throw invalidOption(
      "`headers` hold a name or a value that no header can have",
      "check where the values come from",
    );
  }
}

function redirectOf(request: Request | undefined) {
  if (request && request.redirect !== "follow") return request.redirect;
  return defaultRedirect();
}

/** The body of a Request: `null` if it has none, `undefined` if the runtime does not show it. */
function bodyOf(request: Request | undefined) {
  if (!request || isBodiless(request)) return null;
  return request.body ?? undefined;
}

/** Whether a Request has no body. Not every runtime has `body`. */
function isBodiless({ body, method }: Request) {
  return body === null || method === "GET" || method === "HEAD";
}

function isStream(body: unknown) {
  return body instanceof ReadableStream;
}

/** Whether a body can be sent a second time. */
function isRepeatable(body: unknown) {
  if (body === null || typeof body === "string" || ArrayBuffer.isView(body)) return true;
  return [ArrayBuffer, URLSearchParams, Blob, FormData].some((kind) => body instanceof kind);
}

/**
 * The redirect mode if the caller chose none: `manual`, since a redirect could take the token
 * along. Browsers drop the token at a redirect to another origin and do not show where it leads, so
 * there the mode is theirs.
 */
function defaultRedirect() {
  const isBrowser = String(globalThis.navigator?.userAgent).startsWith("Mozilla/");
  return isBrowser ? undefined : ("manual" as const);
}
