import { rejected } from "../core/error-constructors.js";
import { invalidOption, isPlain, isRecord, guardReads } from "../core/check-options.js";
import { headerValues } from "../protocol/response.js";

/** The longest token that is looked at, in characters. */
const LONGEST = 16_384;
/** `b64token` (RFC 6750 section 2.1). */
const SYNTAX = /^[\w.~+/-]+=*$/;

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/**
 * A token, or a request that carries one: a standard `Request`, one of Node's, or anything else
 * with headers.
 *
 * @typedef {string | { headers: Headers | Record<string, string | string[] | undefined> }} TokenOrRequest
 */

/**
 * The token of a request (RFC 6750 section 2.1), from its one `authorization` header and from
 * nowhere else; or a token itself.
 *
 * @param {TokenOrRequest} input
 * @returns {string}
 * @throws {import("../core/errors.js").AuthError} `token_missing`, `token_malformed`,
 *   `option_invalid`
 */
export function bearerToken(input) {
  const token =
    typeof input === "string" ? input : fromHeader(guardReads(() => authorizationOf(input)));
  if (token.length <= LONGEST && SYNTAX.test(token)) return token;
  // Of a text, which is the API's own doing.
  if (input === token && /^bearer /i.test(token))
    throw invalidOption(
      "`verify` was given the whole header, not the token",
      "pass the request as it came, or the token without `Bearer`",
    );
  const hint =
    "whoever calls must send the access token as it came from the token endpoint, in one `authorization` header";
  throw rejected(
    "token_malformed",
    "the token is empty, longer than 16 KiB, or holds characters that no token has",
    hint,
  );
}

/**
 * A token as bytes, and as a text to be remembered: engines keep the whole of a text that another
 * was cut out of, and whoever sends it chooses how long that is.
 *
 * @param {string} token
 */
export function ownCopy(token) {
  const bytes = encoder.encode(token);
  return { bytes, own: decoder.decode(bytes) };
}

/**
 * @param {Exclude<TokenOrRequest, string>} request
 * @returns {string[]}
 */
function authorizationOf(request) {
  /** @type {{ headers?: unknown; rawHeaders?: unknown }} */
  const { headers, rawHeaders } = isRecord(request) ? request : { headers: undefined };
  if (!isRecord(headers))
    throw invalidOption(
      "`verify` takes a request or a token",
      "pass the request itself as it came, not its headers (with Hono `c.req.raw`), or the token's text",
    );
  // Of several, Node's `headers` have the first.
  const sent = Array.isArray(rawHeaders)
    ? rawHeaders.filter((name, at) => at % 2 === 0 && /^authorization$/i.test(name))
    : [];
  if (sent.length > 1) return sent;
  // Of a plain object's own: a polluted prototype may have one, and give every request the same token.
  const isRecordOfTexts = isPlain(headers) && !Object.hasOwn(headers, "get");
  if (isRecordOfTexts || typeof headers.get !== "function")
    return headerValues(/** @type {Record<string, string>} */ (headers), "authorization");
  // It joins several by a comma, which no token has.
  const value = headers.get("authorization");
  return typeof value === "string" ? [value] : [];
}

/**
 * @param {string[]} values
 * @returns {string}
 */
function fromHeader(values) {
  const hint = "whoever calls must send an access token: `authorization: Bearer <token>`";
  if (values.length === 0)
    throw rejected("token_missing", "the request has no `authorization` header", hint);
  if (values.length > 1)
    throw rejected(
      "token_malformed",
      "the request has more than one `authorization` header",
      "whoever calls must send one",
    );
  const [value] = values;
  const space = value.indexOf(" ");
  const scheme = space < 0 ? value : value.slice(0, space);
  if (scheme.toLowerCase() !== "bearer")
    throw rejected(
      "token_missing",
      "the request's `authorization` is of another scheme than Bearer",
      hint,
    );
  // "credentials = auth-scheme [ 1*SP ( token68 / …" (RFC 9110 section 11.4). No character fits two parts in a row: however long, it is read once.
  return space < 0 ? "" : (/^ +([^ \t]*)[ \t]*$/.exec(value.slice(space))?.[1] ?? "");
}
