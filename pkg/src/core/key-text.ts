// A private key as text.
import type { AuthError } from "./errors.js";
import { guardReads, invalidOption } from "./guard-reads.js";
import { isBytes, isPlain, isText } from "./values.js";

/** The most members of a key that is an object: ten times as many as a key has. */
const MAX_MEMBERS = 100;

/** The most characters of a key: ten times as many as a key has. */
const MAX_LENGTH = 65_536;

/**
 * Serializes a key: a text, the bytes of one, or an object. Equal objects give the same text.
 *
 * @returns `undefined` if the value cannot be a key
 * @throws {AuthError} `option_invalid` for one that is longer than any key
 */
export function keyText(key: unknown): string | undefined {
  return guardReads(() => {
    if (isPlain(key)) return serializeKey(key);
    if (isBytes(key)) return keyText(textOf(key as Uint8Array));
    if (typeof key === "string" && key.length > MAX_LENGTH) throw tooLong();
    return isText(key) ? key : undefined;
  });
}

/** The text that a file's bytes are, or `undefined`. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength > MAX_LENGTH) throw tooLong();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // A key in DER, for instance.
  }
}

function serializeKey(key: Record<string, unknown>): string {
  const members = Object.entries(key);
  if (members.length > MAX_MEMBERS) throw tooLong();
  members.sort(([a], [b]) => (a < b ? -1 : 1));

  let length = 0;
  // Counts during the serialization, since the whole text may not fit into memory.
  const count = (name: string, value: unknown) => {
    length += 1 + name.length + (typeof value === "string" ? value.length : 0);
    if (length > MAX_LENGTH) throw tooLong();
    return value;
  };
  // The own `toJSON` hides one that a polluted prototype may have. BigInts and cycles throw.
  return JSON.stringify({ ...Object.fromEntries(members), toJSON: undefined }, count);
}

function tooLong(): AuthError {
  return invalidOption(
    "the key is longer than any key",
    "pass one key: a key file, a JWK or a PEM",
  );
}
