// @ts-check
// `ISSUER=… npm run test:servers -- own`: walks the user's own server, and prints a table.
import { styleText } from "node:util";
import { walk } from "../walk/walk.js";
import { ownServer } from "./server.js";

const SECRET = "set CLIENT_ID and CLIENT_SECRET";
const API = "set AUDIENCE, API_CLIENT_ID and API_CLIENT_SECRET";
const USER = "a user would have to log in";

/** Why a case was not walked, by the beginning of its name. */
const REASONS = {
  client_secret_jwt: "no variable stands for it",
  client_secret: SECRET,
  "wrong secret": SECRET,
  "unknown client": SECRET,
  private_key_jwt: "set CLIENT_ID, and KEY_FILE to a key of this algorithm",
  "JWT profile": "set KEY_FILE to a service user's key of this algorithm",
  "JWT ": "set AUDIENCE; the usual login gets no JWT of this algorithm",
  introspection: API,
  "revocation of another": API,
  revocation: SECRET,
  id_token: USER,
  refresh_token: USER,
  logout_token: USER,
  the: "the server is not the walk's to change",
};

const MARKS = { same: "ok", other: "other", failed: "fail", none: "-" };

/** Ends with 1 if the usual login gets no token, or a case could not be walked to its end. */
export async function walkOwn() {
  const running = await ownServer(process.env);
  console.log(`walks ${running.issuer}: a minute at most`);
  const results = await walk(running);
  let failed = 0;
  let passed = 0;
  for (const [name, { known, outcome, expected, answers }] of results) {
    const kind = known ? kindOf(name, { outcome, expected, usual: running.usual }) : "none";
    if (kind === "failed") failed += 1;
    if (kind === "same" || kind === "other") passed += 1;
    const instead = kind === "other" ? `, where others have ${expected}` : "";
    const text = known ? `${outcome}${instead}` : `not walked: ${reasonOf(name)}`;
    console.log(`${coloured(kind)} ${name.padEnd(56)} ${text}`);
    if (kind !== "same") for (const answer of answers) console.log(`${" ".repeat(8)}${answer}`);
  }
  console.log(`\`other\` is a difference to the specifications or to most servers, and no failure`);
  if (failed > 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed`);
}

/**
 * @type {(
 *   name: string,
 *   result: { outcome: string; expected: string; usual: string },
 * ) => keyof typeof MARKS}
 */
function kindOf(name, { outcome, expected, usual }) {
  if (outcome === expected) return "same";
  return name === usual || outcome.startsWith("failed") ? "failed" : "other";
}

/** @param {string} name */
function reasonOf(name) {
  return Object.entries(REASONS).find(([begin]) => name.startsWith(begin))?.[1];
}

const COLOURS = /** @type {const} */ ({
  same: "green",
  other: "yellow",
  failed: "red",
  none: "gray",
});

/** @param {keyof typeof MARKS} kind */
function coloured(kind) {
  const mark = MARKS[kind].padEnd(6);
  return process.stdout.isTTY ? styleText(COLOURS[kind], mark) : mark;
}
