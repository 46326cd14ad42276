// Names in messages.
import { isPlainName } from "./calls.js";
import { isText } from "./values.js";

/** A name in backticks, or `undefined` if it may be a secret in the wrong place. */
export function quoted(name: string): string | undefined {
  return isText(name) && isPlainName({ name }).isPlain ? `\`${name}\`` : undefined;
}
