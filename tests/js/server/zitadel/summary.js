// @ts-check
// What counts of an answer: its status, and its error or the names of its members. Words and values
// differ from server to server.

/** @type {(status: number, text: string) => string} */
export function summarize(status, text) {
  const json = read(text);
  if (json === undefined) return `${status} text`;
  if (json.error) return `${status} ${json.error}`;
  if (typeof json.code === "number") return `${status} code ${json.code}`;
  const names = Object.keys(json).map((name) =>
    name.replace(/^urn:zitadel:iam:org:project:\d+:/, "urn:zitadel:iam:org:project:{id}:"),
  );
  const state = json.active === false ? ["inactive"] : names.toSorted();
  return [status, ...state].join(" ");
}

/** @param {string} text */
function read(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined; // Not JSON, which the summary says.
  }
}
