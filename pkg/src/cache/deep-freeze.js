/**
 * Freezes a value and all objects in it, so that callers can share it.
 *
 * @template T
 * @param {T} value as `JSON.parse` returns it, without cycles
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
