/**
 * Freezes a value and all objects in it, so that callers can share it.
 *
 * @param value as `JSON.parse` returns it, without cycles
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (typeof members[name] === "object") deepFreeze(members[name]);
  }
  return Object.freeze(value);
}
