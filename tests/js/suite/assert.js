// @ts-check
// `node:assert` is not everywhere.

/** @type {(condition: unknown, message: string) => asserts condition} */
export function ok(condition, message) {
  if (!condition) throw new Error(message);
}

/**
 * Compares by structure; `undefined` members count as absent.
 *
 * @type {(actual: unknown, expected: unknown, what?: string) => void}
 */
export function equal(actual, expected, what = "value") {
  const a = canonical(actual);
  const e = canonical(expected);
  ok(a === e, `${what}: expected ${e}, got ${a}`);
}

/**
 * What a function throws.
 *
 * @param {() => unknown} run
 * @returns {any}
 */
export function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error, got none");
}

/** @param {unknown} value */
function canonical(value) {
  return JSON.stringify(value, (_, member) => {
    if (typeof member === "number" && !Number.isFinite(member)) return String(member);
    const plain = typeof member === "object" && member !== null && !Array.isArray(member);
    return plain
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member;
  });
}
