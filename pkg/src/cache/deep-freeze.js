/**
 * What all who ask are given, so that none can change it.
 *
 * @template T
 * @param {T} value parsed from JSON
 * @returns {T}
 */
export function deepFreeze(value) {
  if (typeof value !== "object" || value === null) return value;
  const members = /** @type {Record<string, unknown>} */ (value);
  for (const name of Object.keys(members)) {
    if (typeof members[name] === "object") deepFreeze(members[name]);
  }
  return Object.freeze(value);
}
