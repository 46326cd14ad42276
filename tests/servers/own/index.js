// @ts-check
// `ISSUER=… npm run test:servers -- own`: walks the user's own server, and prints a table.
import { styleText } from "node:util";
import { walk } from "../walk/walk.js";
import { ownServer } from "./server.js";

/** By the beginning of a case's name: what would make it walked. */
const NEEDS = {
  client_secret_jwt: "no variable stands for it",
  client_secret: "CLIENT_ID and CLIENT_SECRET",
  "wrong secret": "CLIENT_ID and CLIENT_SECRET",
  "unknown client": "CLIENT_ID and CLIENT_SECRET",
  private_key_jwt: "CLIENT_ID, and KEY_FILE with a key of this algorithm",
  "JWT profile": "KEY_FILE with a service user's key of this algorithm",
  "JWT ": "AUDIENCE, and a login that gets JWTs of this algorithm",
  introspection: "AUDIENCE, API_CLIENT_ID and API_CLIENT_SECRET",
  "revocation of another": "AUDIENCE, API_CLIENT_ID and API_CLIENT_SECRET",
  revocation: "CLIENT_ID and CLIENT_SECRET",
  id_token: "a user who logs in",
  refresh_token: "a user who logs in",
  logout_token: "a user who logs in",
  the: "a server that the walk starts itself",
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
    const text = known ? `${outcome}${instead}` : `not walked: needs ${needOf(name)}`;
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
function needOf(name) {
  return Object.entries(NEEDS).find(([begin]) => name.startsWith(begin))?.[1] ?? "more variables";
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
