import { requireRecord } from "../core/explain-options.js";
import { guardReads } from "../core/guard-reads.js";

/**
 * Picks properties of an object that may have others too, such as a token that its owner stored
 * with more data. Values that are `undefined` are left out.
 *
 * @param what the object is, in words
 * @throws {AuthError} `option_invalid`
 */
export function pick<T extends object, K extends keyof T>(
  caller: string,
  object: T,
  what: string,
  ...names: K[]
): Pick<T, K> {
  return guardReads(() => {
    requireRecord(caller, object, () => what);
    const entries = names
      .filter((name) => Object.hasOwn(object, name))
      .map((name) => [name, object[name]]);
    const defined = entries.filter(([, value]) => value !== undefined);
    return Object.fromEntries(defined) as Pick<T, K>;
  });
}
