// Texts that a server chose, made fit to be printed.

/** The longest text of a server that is printed, in characters. */
const MAX_LENGTH = 120;

/** How many of a server's texts are printed. */
const MAX_TEXTS = 9;

/**
 * A server's text: without what controls a terminal, cut, and not at all if it holds a secret in
 * any of the forms in which it was sent.
 */
export function shown(text: unknown, secrets: string[]): string {
  if (typeof text !== "string") return "[no text]";
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll("%20", "+"),
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("base64url"),
  ]);
  if (forms.some((form) => form !== "" && text.includes(form))) return "[redacted]";
  const plain = text.replaceAll(/[^\x20-\x7e\u00a1-\ud7ff]/g, "?");
  return plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)}…` : plain;
}

/** A server's list of texts. */
export function shownList(texts: unknown[], secrets: string[], separator = ", "): string {
  const some = texts.slice(0, MAX_TEXTS).map((text) => shown(text, secrets));
  const more = texts.length > MAX_TEXTS ? ` and ${texts.length - MAX_TEXTS} more` : "";
  return `${some.join(separator)}${more}`;
}
