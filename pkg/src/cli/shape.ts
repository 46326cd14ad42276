// What a secret or an id looks like when something happened to it on the way.
import { mistake, suspect } from "./check.js";
import type { Examination, Finding } from "./check.js";

const STORE =
  "store it as the server showed it: `echo` adds a line break, `printf %s` does not, nor does " +
  "`wrangler secret put` where it asks for the value";

/** @returns `undefined` if the value looks right */
export function shapeOf(
  variable: string,
  value: string,
  examination: Examination,
): Finding | undefined {
  if (/[\r\n]/.test(value)) return mistake(`${variable} holds a line break`, STORE);
  if (value.trim() !== value) {
    return suspect(examination, `${variable} begins or ends with a blank`, "remove the blank");
  }
  if (/^(["'`]).*\1$/s.test(value)) {
    const finding = [`${variable} is in quotes`, "remove the quotes"] as const;
    // A source refuses such a secret itself.
    return variable.endsWith("CLIENT_SECRET")
      ? mistake(...finding)
      : suspect(examination, ...finding);
  }
  if (/^["'`]/.test(value) !== /["'`]$/.test(value)) {
    return suspect(
      examination,
      `${variable} has a quote at one end`,
      "remove it, if it belongs to the file that the value was stored in",
    );
  }
  if (isEncoded(value)) {
    return suspect(
      examination,
      `${variable} looks as if it were URL-encoded: it is encoded again when it is sent`,
      "store it as the server showed it, not encoded",
    );
  }
  return undefined;
}

/** Whether Basic changes it (RFC 6749 section 2.3.1). */
export function isChangedByBasic(value: string): boolean {
  return encodeURIComponent(value) !== value;
}

function isEncoded(value: string): boolean {
  if (!/%[0-9a-f]{2}/i.test(value)) return false;
  try {
    return decodeURIComponent(value) !== value;
  } catch {
    return false; // A `%` of its own.
  }
}
