import { AuthError } from "../core/errors.js";

/**
 * Of codes that are not answered by 401 `invalid_token`: the HTTP status, and RFC 6750's `error`.
 *
 * @type {Map<string, [number, string?]>}
 */
const ANSWERS = new Map([
  ["token_missing", [401]],
  ["token_malformed", [400, "invalid_request"]],
  ["scope_insufficient", [403, "insufficient_scope"]],
  ["role_insufficient", [403, "insufficient_scope"]],
]);

/**
 * The answer to a request whose token was not taken (RFC 6750 section 3): 401, 400 or 403 with a
 * challenge where the token is at fault, 503 where the server that knows could not be asked or did
 * not answer as it should, 500 where the fault is ours. Nothing of the error's texts is in it.
 *
 * @param {unknown} error what `verify` threw
 * @param {string[]} scope what was required of the token, told to whoever lacks it
 * @returns {Response}
 */
export function challenge(error, scope) {
  const headers = new Headers({ "cache-control": "no-store" });
  const { code, category, retryAt } = membersOf(error);
  if (category === "rejected") {
    const [status, name] = ANSWERS.get(code) ?? [401, "invalid_token"];
    const parameters = [
      name && `error="${name}"`,
      status === 403 && scope.length > 0 && `scope="${scope.join(" ")}"`,
    ].filter(Boolean);
    headers.set("www-authenticate", ["Bearer", parameters.join(", ")].filter(Boolean).join(" "));
    return new Response(null, { status, headers });
  }
  if (category !== "unavailable" && category !== "malformed")
    return new Response(null, { status: 500, headers });
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  // No pause of ours is longer than five minutes.
  headers.set("retry-after", String(seconds > 1 ? Math.min(seconds, 300) : 1));
  return new Response(null, { status: 503, headers });
}

/**
 * What counts of an error. Anything can pass for one of ours, and throw when it is read: then the
 * fault is on our side.
 *
 * @param {unknown} error
 */
function membersOf(error) {
  const unknown = { code: "internal", category: "internal", retryAt: 0 };
  try {
    if (!(error instanceof AuthError)) return unknown;
    const { code, category, retryAt } = error;
    return { code, category, retryAt: typeof retryAt === "number" ? retryAt : 0 };
  } catch {
    return unknown;
  }
}
