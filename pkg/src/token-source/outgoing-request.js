import { invalidOption, isSignal, guardReads } from "../core/check-options.js";
import { httpOrigin } from "./allowed-origins.js";

/**
 * What the caller wants to send. Nothing of it is lost, a runtime's own members of `init` included.
 *
 * @param {string | URL | Request} input
 * @param {RequestInit | undefined} init
 * @param {boolean} ownFetch whether the caller gave a `fetch`, which may know requests that are not
 *   the standard's
 */
export function readOutgoingRequest(input, init, ownFetch) {
  return guardReads(() => {
    if (input === undefined || input === null)
      throw invalidOption(
        `the address to fetch is ${input}: is the binding set?`,
        "set what it comes from, such as API_URL",
      );
    if (isForeignRequest(input) && !ownFetch)
      throw invalidOption(
        "the Request to fetch is of another realm or library",
        "pass its address instead, or give the source a `fetch` that knows it",
      );
    if (init !== undefined && init !== null && Object(init) !== init)
      throw invalidOption(
        "the second argument of `fetch` is no object",
        "pass `{ method, headers, … }`, or leave it out",
      );
    // The members of a Request are not its own, so that it cannot be copied like other objects.
    const whole = [init, input].find(
      (one) => one instanceof Request || (one === input && isForeignRequest(one)),
    );
    const request = /** @type {Request | undefined} */ (whole);
    const given = /** @type {RequestInit} */ ({ __proto__: null, ...(request !== init && init) });
    const { href, username, password } = address(
      input instanceof Request || isForeignRequest(input) ? input.url : String(input),
    );
    if (username || password)
      throw invalidOption(
        "the address to fetch holds a user name or a password",
        "leave them out: the token is what opens the API",
      );
    const redirect =
      given.redirect ??
      (request && request.redirect !== "follow" ? request.redirect : defaultRedirect());
    const signal = given.signal ?? request?.signal ?? undefined;
    if (signal && !isSignal(signal))
      throw invalidOption("`signal` must be an AbortSignal", "check where the value comes from");
    const body =
      given.body ?? (request && !isBodiless(request) ? (request.body ?? undefined) : null);
    return {
      origin: httpOrigin(href),
      headers: readHeaders(given.headers ?? request?.headers),
      signal,
      isRepeatable: isRepeatable(body),
      init: {
        ...(request && { method: request.method }),
        ...(isStream(given.body) && { duplex: "half" }),
        ...given,
        ...(redirect && { redirect }),
      },
      prepare: () => prepared(input, request === init ? request : undefined, given, href),
    };
  });
}

/**
 * What is fetched is what was checked: a copy, or an address that was parsed once. An object's
 * `url` and `toString` may be anybody's.
 *
 * @param {string | URL | Request} input
 * @param {Request | undefined} init
 * @param {RequestInit} given
 * @param {string} href
 */
function prepared(input, init, given, href) {
  try {
    if (init) return new Request(input instanceof Request ? input : href, init);
    if (!(input instanceof Request)) return isForeignRequest(input) ? input : href;
    // Where the body is replaced, that of the Request may have been used.
    return given.body ? new Request(input, { method: "POST", body: "" }) : new Request(input);
  } catch {
    throw invalidOption(
      "the Request to fetch cannot be sent",
      "its body can be read once: make a new one for each call",
    );
  }
}

/**
 * A Request of another library's.
 *
 * @param {unknown} input
 * @returns {input is Request}
 */
function isForeignRequest(input) {
  return (
    typeof input === "object" &&
    input !== null &&
    !(input instanceof Request || input instanceof URL) &&
    "url" in input
  );
}

/** @param {string} text */
function address(text) {
  try {
    return new URL(text, /** @type {any} */ (globalThis).location?.href);
  } catch {
    throw invalidOption(
      "the address to fetch is no absolute URL",
      "write it out, such as https://api.example/users",
    );
  }
}

/** @param {RequestInit["headers"]} given */
function readHeaders(given) {
  try {
    return new Headers(given);
  } catch {
    // The runtime's own error quotes the value.
    throw invalidOption(
      "`headers` hold a name or a value that no header can have",
      "check where the values come from",
    );
  }
}

/**
 * Not every runtime has `body`.
 *
 * @param {Request} request
 */
function isBodiless({ body, method }) {
  return body === null || method === "GET" || method === "HEAD";
}

/** @param {unknown} body */
function isStream(body) {
  return body instanceof ReadableStream;
}

/**
 * Whether it can be sent a second time.
 *
 * @param {unknown} body
 */
function isRepeatable(body) {
  if (body === null || typeof body === "string" || ArrayBuffer.isView(body)) return true;
  return [ArrayBuffer, URLSearchParams, Blob, FormData].some((kind) => body instanceof kind);
}

/** A redirect could take the token along; only browsers neither do that nor show where one leads. */
function defaultRedirect() {
  return /^Mozilla\//.test(globalThis.navigator?.userAgent ?? "")
    ? undefined
    : /** @type {const} */ ("manual");
}
