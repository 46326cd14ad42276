// @ts-check
// What a server answered, in one line: what is the same at every run, and nothing secret.

/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Fetch */
/** @typedef {{ answers: string[]; fetch: Fetch }} Observer */

/**
 * A `fetch` that keeps a line for each answer.
 *
 * @param {(url: string) => string} nameOf the endpoint's name, of its address
 * @returns {Observer}
 */
export function observer(nameOf) {
  /** @type {string[]} */
  const answers = [];
  return {
    answers,
    async fetch(url, init) {
      const response = await fetch(url, init);
      const { status, headers } = response;
      const body = await response.clone().text();
      answers.push(line(nameOf(url), { status, body, type: headers.get("content-type") }));
      return response;
    },
  };
}

/**
 * @type {(
 *   name: string,
 *   answer: { status: number; body: string; type: string | null },
 * ) => string}
 */
function line(name, { status, body, type }) {
  return [name, status, ...contentOf(body, type)].join(" ");
}

/** @type {(body: string, type: string | null) => string[]} */
function contentOf(body, type) {
  if (body === "") return ["empty"];
  const answer = parsed(body);
  if (typeof answer !== "object" || answer === null) return [(type ?? "no type").split(";")[0]];
  if (Array.isArray(answer.keys)) return answer.keys.map(describeKey).sort();
  if (answer.issuer) return [];
  const { error, active, token_type: tokenType } = answer;
  const words = [error, active === undefined ? undefined : `active=${active}`, tokenType];
  return [...words.filter((word) => typeof word === "string"), membersOf(answer)];
}

/** @param {object} answer */
export function membersOf(answer) {
  return `{${Object.keys(answer).sort().join(", ")}}`;
}

/** @param {{ kty?: string; alg?: string; use?: string }} key */
function describeKey({ kty, alg, use }) {
  return `[${[kty, alg ?? "no alg", use ?? "no use"].join(" ")}]`;
}

/**
 * A token, by its shape.
 *
 * @param {string} token
 */
export function shapeOf(token) {
  const parts = token.split(".");
  if (parts.length === 5) return "encrypted";
  const [header, claims] = parts.slice(0, 2).map((part) => decoded(part));
  if (parts.length !== 3 || !header || !claims) return "opaque";
  const { alg, typ = "no typ" } = header;
  return `JWT ${alg} ${typ} ${membersOf(claims)}`;
}

/**
 * @param {string} token
 * @returns {any} nothing where it is no JWT
 */
export function claimsOf(token) {
  const parts = token.split(".");
  return parts.length === 3 ? decoded(parts[1]) : undefined;
}

/** @param {string} part */
function decoded(part) {
  return parsed(Buffer.from(part, "base64url").toString());
}

/**
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
