// Reads the bearer token of a request (RFC 6750).
import { causeOf, misuse, rejected } from "../core/error-constructors.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { isPlain, isRecord } from "../core/values.js";
import { isHeaders } from "../protocol/response.js";

/** The longest accepted token that is no JWT, in characters: anybody's garbage is introspected. */
const MAX_OPAQUE_LENGTH = 16_384;

/** `b64token` (RFC 6750 section 2.1). */
const B64TOKEN = /^[\w.~+/-]+=*$/;

const MISSING_HINT = "the caller must send an access token: `authorization: Bearer <token>`";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Headers: the standard object, Node's, or a list by name as Lambda@Edge has it. */
export type HeadersOfRequest =
  Headers | Record<string, string | string[] | { key?: string; value: string }[] | undefined>;

/**
 * A token, or a request that carries one: a standard `Request`, one of Node's or Lambda@Edge's, any
 * object with headers, or the headers themselves. Nothing counts as a request without a token.
 */
export type TokenOrRequest =
  string | null | undefined | { headers: HeadersOfRequest } | HeadersOfRequest;

/** Returns the token of a request, where it is not in `authorization`. */
export type TokenReader = (request: unknown) => unknown;

/**
 * Returns the token of a request (RFC 6750 section 2.1). Only the `authorization` header counts,
 * and there may be only one. A string is the token itself.
 *
 * @param maxLength of a JWT, in characters
 * @param read the caller's function, if the token stands elsewhere
 * @throws {AuthError} `token_missing`, `token_malformed`, `option_invalid`, `callback_failed`
 */
export function bearerToken(
  input: TokenOrRequest,
  maxLength: number,
  read: TokenReader | undefined,
): string {
  const given = read && isRecord(input) ? tokenBy(read, input) : input;
  // As a cookie or another header gives it that is not there.
  if (given === undefined || given === null || given === "") {
    throw rejected("token_missing", "there is no token", MISSING_HINT);
  }
  const token =
    typeof given === "string" ? given : tokenOf(guardReads(() => authorizationOf(given)));
  checkLength(token, maxLength);
  if (B64TOKEN.test(token) && !hasEmptyPart(token)) return token;

  // The API passed the string, so the client is not at fault.
  if (input === token && /^bearer /i.test(token)) {
    throw invalidOption(
      "`verify` was given the whole header, not the token",
      "pass the request as it came, or the token without `Bearer`",
    );
  }

  const hint =
    "the caller must send the access token as it came from the token endpoint, " +
    "in one `authorization` header";
  throw rejected(
    "token_malformed",
    "the token is empty, or holds characters that no token has",
    hint,
  );
}

function tokenBy(read: TokenReader, request: unknown): string | null | undefined {
  let token: unknown;
  try {
    token = read(request);
  } catch (thrown) {
    const hint = "see `cause` and the log of what it does";
    throw misuse("callback_failed", "the function `token` threw an error", hint, causeOf(thrown));
  }
  if (token === undefined || token === null || typeof token === "string") return token;
  const hint = "it has to return the token itself, at once, or nothing";
  throw misuse("callback_failed", "the function `token` gave no string", hint);
}

/**
 * Whether a part of a token is empty, by which a JWT could pass for another token: a server that is
 * asked may overlook it. Only a JWE may have one, its key.
 */
function hasEmptyPart(token: string): boolean {
  const parts = token.split(".", 7);
  if (parts.length === 1 || parts.length === 3) return false;
  return parts.some((part, index) => part === "" && (index !== 1 || parts.length !== 5));
}

function hasThreeParts(token: string): boolean {
  return token.split(".", 4).length === 3;
}

function checkLength(token: string, maxLength: number): void {
  const { length } = token;
  if (length <= MAX_OPAQUE_LENGTH && length <= maxLength) return;

  // A token over both limits is not looked at.
  const isJwt = length > Math.max(maxLength, MAX_OPAQUE_LENGTH) || hasThreeParts(token);
  const longest = isJwt ? maxLength : MAX_OPAQUE_LENGTH;
  if (length <= longest) return;
  throw rejected(
    "token_malformed",
    `the token has ${length} characters, more than the ${longest} that are accepted`,
    isJwt
      ? "raise `maxTokenLength`, or let the issuer put less into its tokens, as roles of one project"
      : "the caller must send the access token as it came from the token endpoint",
  );
}

/**
 * Returns a copy of a text that can be cached. An engine keeps the whole header in memory as long
 * as a substring of it, and the client chooses the header's length.
 */
export function ownCopy(text: string): string {
  return decoder.decode(encoder.encode(text));
}

/** Returns the values of a request's `authorization` header. */
function authorizationOf(request: object): string[] {
  const { headers, rawHeaders } = headersOf(request);
  // Of several values, Node's `headers` has only the first. Names and values alternate.
  const sent = Array.isArray(rawHeaders)
    ? rawHeaders.filter((name, index) => index % 2 === 0 && /^authorization$/i.test(name))
    : [];
  if (sent.length > 1) return sent;

  // A plain object's `get` only counts if it is its own: that of a polluted prototype could give
  // every request the same token.
  const isPlainRecord = isPlain(headers) && !Object.hasOwn(headers, "get");
  if (isPlainRecord || typeof headers.get !== "function") {
    return valuesOf(headers, "authorization");
  }

  // `get` joins several values by a comma, which no token contains.
  const value = headers.get("authorization");
  return typeof value === "string" ? [value] : [];
}

function headersOf(request: object): { headers: Record<string, unknown>; rawHeaders?: unknown } {
  if (isHeaders(request)) return { headers: request as unknown as Record<string, unknown> };
  // Own, since a polluted prototype could give every request the same headers. A client may send a
  // header of this name.
  if (isPlain(request)) {
    const own = Object.hasOwn(request, "headers") ? request.headers : "";
    if (typeof own === "string" || Array.isArray(own)) return { headers: request };
  }

  if (isRecord(request) && isRecord(request.headers)) {
    return { headers: request.headers, rawHeaders: request.rawHeaders };
  }
  throw invalidOption(
    "`verify` takes a request, its headers or a token",
    "pass the request itself as it came (with Hono `c.req.raw`), its headers, or the token's text",
  );
}

/** The values of a header; Lambda@Edge has each as `{ key, value }`. */
function valuesOf(headers: Record<string, unknown>, name: string): string[] {
  return Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, values]) => values)
    .map((entry) => (isPlain(entry) && Object.hasOwn(entry, "value") ? entry.value : entry))
    .filter((value) => typeof value === "string");
}

/** Returns the token of an `authorization` header. */
function tokenOf(values: string[]): string {
  if (values.every((value) => value === "")) {
    throw rejected("token_missing", "the request has no `authorization` header", MISSING_HINT);
  }
  if (values.length > 1) {
    throw rejected(
      "token_malformed",
      "the request has more than one `authorization` header",
      "the caller must send one",
    );
  }

  const [value] = values;
  const space = value.indexOf(" ");
  const scheme = space < 0 ? value : value.slice(0, space);
  if (scheme.toLowerCase() !== "bearer") {
    const message = "the request's `authorization` is of another scheme than Bearer";
    throw rejected("token_missing", message, MISSING_HINT);
  }
  if (space < 0) return "";

  // "credentials = auth-scheme [ 1*SP ( token68 / …" (RFC 9110 section 11.4). No part of the
  // pattern may be empty between others that fit the same character: a long value is scanned once.
  const [, token = ""] = /^ +([^ \t]+)[ \t]*$/.exec(value.slice(space)) ?? [];
  return token;
}
