// @ts-check
// How the demo's walk looks on a terminal: numbered steps, and under each a column of labels beside
// a column of text.
import util from "node:util";

/** How wide the column of labels is. */
const LABEL = 16;
const COLOURS = /** @type {const} */ ({ plain: [], good: ["green"], bad: ["red"] });

/** @typedef {keyof typeof COLOURS} Mood */

/**
 * @param {string} text
 * @param {Mood} [mood]
 */
export function heading(text, mood = "plain") {
  console.log(`\n${styled(["bold", ...COLOURS[mood]], text)}`);
}

/**
 * One line, or more where the text is long.
 *
 * @param {string} label
 * @param {unknown} value
 * @param {Mood} [mood]
 */
export function field(label, value, mood = "plain") {
  const width = Math.max(Math.min(process.stdout.columns || 100, 120) - LABEL - 3, 10);
  const [first, ...rest] = wrap(printable(String(value)), width);
  console.log(`   ${styled(["dim"], label.padEnd(LABEL))}${styled(COLOURS[mood], first)}`);
  for (const line of rest) console.log(" ".repeat(LABEL + 3) + styled(COLOURS[mood], line));
}

/**
 * Only for terminals, even where FORCE_COLOR is set: what is piped is read by programs.
 *
 * @type {(formats: readonly ("bold" | "dim" | "red" | "green")[], text: string) => string}
 */
function styled(formats, text) {
  return process.stdout.isTTY && formats.length > 0 ? util.styleText([...formats], text) : text;
}

/**
 * How a value of the wire is shown: what is secret in it, as stars.
 *
 * @type {(headers: Record<string, string>) => [string, string][]}
 */
export function maskHeaders(headers) {
  return Object.entries(headers).map(([name, value]) => [
    name,
    name === "authorization" ? value.replace(/ .*/s, " ****") : value,
  ]);
}

/** @param {string} body a form, encoded */
export function maskForm(body) {
  return body.replace(/(^|&)(client_secret|client_assertion|assertion)=[^&]*/g, "$1$2=****");
}

/** @param {number} time milliseconds since 1970 */
export function localTime(time) {
  return new Date(time).toLocaleString("sv-SE"); // The one locale that writes 2026-11-23 16:04:05.
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;

  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * A server's text must not move the cursor or fake a line.
 *
 * @param {string} text
 */
function printable(text) {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, " ");
}

/**
 * Breaks at spaces, in a form or an address also before `&` and after `+`, and anywhere in what is
 * longer than a line.
 *
 * @type {(text: string, width: number) => string[]}
 */
function wrap(text, width) {
  const lines = [""];
  const pieces = text
    .split(/(?<=[ +])|(?=&)/)
    .flatMap((piece) => piece.match(new RegExp(`.{1,${width}}`, "gsu")) ?? []);
  for (const piece of pieces) {
    const line = lines[lines.length - 1] + piece;
    if (line.trimEnd().length > width && line !== piece) lines.push(piece);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => line.trimEnd());
}
