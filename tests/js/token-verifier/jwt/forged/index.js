// @ts-check
// Tokens forged and mangled by the hundred, all of one issuer and one moment, with what a verifier
// says of each.
import { claims } from "./claims.js";
import { forms } from "./forms.js";
import { headers } from "./headers.js";
import { signatures } from "./signatures.js";

/** @typedef {import("./keys.js").Case} Case */

/** @type {Case[]} */
export const CASES = [...headers(), ...claims(), ...forms(), ...signatures()];

/** How many have a name that another has. */
export const NAMESAKES = CASES.length - new Set(CASES.map(({ name }) => name)).size;

export { KEY_SET, KEYS } from "./keys.js";
