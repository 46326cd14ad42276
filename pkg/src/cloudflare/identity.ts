/** src/cache/instances.ts compares functions by it. */
const IDENTITY = Symbol.for("edge-credentials.identity");

let count = 0;

/**
 * Names a function, of which a program has many without a mistake. Sources that differ in their
 * functions alone would be warned of otherwise.
 */
export function withIdentity<T extends Function>(what: string, given: T): T {
  count += 1;
  return Object.assign(given, { [IDENTITY]: `${what} ${count}` });
}
