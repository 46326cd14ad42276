// Sends a request once and reads a bounded body.
import type { Fetch, RequestData } from "../core/types.js";
import { causeOf, unavailable } from "../core/error-constructors.js";
import type { SentResponse } from "../protocol/token.js";
import { runInBackground } from "./background.js";
import { callFetch, passedThrough } from "./call-fetch.js";

/** The response headers that the core reads. */
const READ_HEADERS = [
  "content-type",
  "retry-after",
  "date",
  "cache-control",
  "cf-mitigated",
  "cf-ray",
];

/**
 * Sends a request once and reads the response.
 *
 * @param what the server or endpoint in words, for the error's message
 * @param options `maxBytes`: how much of the body is read
 * @returns `sentAt`: ms since 1970
 * @throws {AuthError} `network_failed`, `callback_failed`, `io_forbidden`; a framework's control
 *   flow passes through unchanged
 */
export function send(
  what: string,
  { url, ...init }: RequestData,
  { fetch, signal, maxBytes }: { fetch: Fetch | undefined; signal: AbortSignal; maxBytes: number },
): Promise<{ sentAt: number; response: SentResponse }> {
  const call = fetch ?? globalThis.fetch;
  const given = { __proto__: null, ...init, signal } as RequestInit;
  const ask = () => callFetch("fetch", fetch !== undefined, () => call(url, given));
  return receive(`${what} at ${new URL(url).origin}`, ask, { signal, maxBytes });
}

/**
 * Reads the response to a request.
 *
 * @param ask sends the request
 */
export async function receive(
  what: string,
  ask: () => Promise<Response>,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<{ sentAt: number; response: SentResponse }> {
  const sentAt = Date.now();
  try {
    const response = await ask();
    // Copied to plain data at once, since a custom fetch may return any object.
    const { status } = response;
    const headers = readHeaders(response);
    const body = await readBody(response, maxBytes, signal);

    return { sentAt, response: { status, headers, body } };
  } catch (thrown) {
    throw passedThrough(thrown) ?? networkFailed(what, thrown);
  }
}

/**
 * @param what the server or endpoint in words
 * @param thrown it may hold the request, so none of its texts are shown
 */
export function networkFailed(what: string, thrown: unknown) {
  const hint =
    "check the address, and that the server is up; `cause` has the runtime's name for the failure";
  return unavailable("network_failed", `${what} cannot be reached`, hint, causeOf(thrown));
}

/** Only strings, and without what separates the core's fields: a custom fetch may return anything. */
function readHeaders({ headers }: Response): Record<string, string> {
  const texts: Record<string, string> = Object.create(null);
  for (const name of READ_HEADERS) {
    const value: unknown = headers.get(name);
    if (typeof value === "string") texts[name] = value.replaceAll("\0", "");
  }
  return texts;
}

/**
 * Reads the body up to a limit. A longer body comes back just over the limit, and the core then
 * refuses it.
 *
 * @param signal cancels the read, since a custom fetch may ignore its own signal
 */
async function readBody(response: Response, maxBytes: number, signal: AbortSignal) {
  const reader = response.body?.getReader?.();
  if (!reader) return response.text();
  const cancel = () => runInBackground(() => reader.cancel());
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();

  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();

    // An empty chunk counts as one byte: a stream of empty chunks would never end otherwise.
    size += Math.max(1, value.length);
    // At once: many small chunks take more memory than their bytes, and a custom fetch may use one
    // buffer for all.
    text += decoder.decode(value, { stream: true });
    if (size <= maxBytes) continue;

    cancel();
    return text.length > maxBytes ? text : text.padEnd(maxBytes + 1);
  }
}
