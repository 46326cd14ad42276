// @ts-check
// How ZITADEL answers pages: to every origin alike, with credentials, before anything else looks at
// the request. What it does not list stays unreadable to a page, `retry-after` for one.

/** @typedef {import("./rules.js").Recorded} Recorded */
/** @typedef {import("./rules.js").Answer} Answer */

const METHODS = ["GET", "HEAD", "POST"];
const HEADERS = [
  "accept",
  "accept-language",
  "authorization",
  "content-type",
  "origin",
  "x-requested-with",
];
const EXPOSED = "Location, Content-Length";

/**
 * The answer to a preflight, undefined for any other request. One that asks for too much gets no
 * permission, and no error.
 *
 * @param {Recorded} request
 * @returns {Answer | undefined}
 */
export function answerPreflight({ method, headers }) {
  const asked = headers["access-control-request-method"];
  if (method !== "OPTIONS" || !asked) return undefined;
  const vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
  const names = headers["access-control-request-headers"];
  const permitted =
    METHODS.includes(asked) &&
    (names ?? "").split(",").every((name) => !name || HEADERS.includes(name.trim()));
  if (!headers.origin || !permitted) return { status: 204, headers: { vary }, body: "" };
  const permission = {
    "access-control-allow-methods": asked,
    ...(names && { "access-control-allow-headers": names }),
  };
  return { status: 204, headers: { vary, ...forOrigin(headers.origin), ...permission }, body: "" };
}

/**
 * What every other answer carries.
 *
 * @param {Recorded} request
 * @returns {Record<string, string>}
 */
export function corsHeaders({ headers: { origin } }) {
  return {
    vary: "Origin",
    ...(origin && { ...forOrigin(origin), "access-control-expose-headers": EXPOSED }),
  };
}

/** @param {string} origin */
function forOrigin(origin) {
  return { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" };
}
