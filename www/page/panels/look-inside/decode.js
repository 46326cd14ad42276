// @ts-check
// What kind of token a text is, and what can be read in it without a key. Nothing here is verified:
// the package has no such function on purpose, since what it gave would look as if it were.

/** @typedef {Record<string, unknown>} Members */
/** @typedef {{ kind: "empty" }} Empty */
/** @typedef {{ kind: "opaque"; token: string; note: string }} Opaque */
/** @typedef {{ kind: "jwe"; token: string; header: Members }} Jwe */
/** @typedef {{ kind: "jwt"; token: string; header: Members; claims: Members }} Jwt */
/** @typedef {{ kind: "broken"; token: string; note: string }} Broken */

/**
 * @param {string} text as pasted: with `Bearer`, or with spaces and line breaks around and in it
 * @returns {Empty | Opaque | Jwe | Jwt | Broken}
 */
export function decode(text) {
  const token = text.replace(/^\s*(authorization:\s*)?bearer\s/i, "").replace(/\s+/g, "");
  if (token === "") return { kind: "empty" };

  const parts = token.split(".");
  const header = members(parts[0]);
  // Only exactly three parts make a JWT: what starts with `eyJ` can be encrypted.
  if (parts.length === 5 && header && "enc" in header) return { kind: "jwe", token, header };
  if (parts.length !== 3) return { kind: "opaque", token, note: noteOf(token, parts.length) };
  const claims = members(parts[1]);
  if (header && claims) return { kind: "jwt", token, header, claims };

  const broken = `its ${header ? "claims are" : "header is"} no JSON object in base64url`;
  const note = `Three parts, as a JWT has them, but ${broken}: cut off, or changed on the way?`;
  return { kind: "broken", token, note };
}

/** @type {(token: string, parts: number) => string} */
function noteOf(token, parts) {
  if (parts > 1) return `It has ${parts} parts; a JWT has three, an encrypted one five.`;
  if (token.length === 104) return "Older ZITADEL's access tokens of service users are so long.";
  if (token.length === 71)
    return (
      "Older ZITADEL's personal access tokens are so long. " +
      "By introspection they are for any API."
    );
  return "";
}

/**
 * @param {string} part
 * @returns {Members | undefined}
 */
function members(part) {
  try {
    if (!/^[\w-]+$/.test(part)) return undefined;

    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // Whatever it is, it is not what a JWT is made of.
  }
}
