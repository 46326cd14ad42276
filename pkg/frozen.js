/** What all who ask are given, so that none can change it. @template T @param {T} value parsed from JSON @returns {T} */
export function frozen(value) {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) if (typeof member === "object") frozen(member);
  return Object.freeze(value);
}
