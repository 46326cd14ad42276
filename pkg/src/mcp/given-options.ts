// Reads the options of both ends.
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { nearMiss } from "../core/near-miss.js";

/** What an option must be, where that is not checked where it is used. */
type Kinds<T> = { [name in keyof T]-?: "boolean" | "function" | "string" | "any" };

/**
 * Returns a copy of options without those that are `undefined`.
 *
 * @throws {AuthError} `option_invalid`: an unknown name, or a value of another kind
 */
export function givenOptions<T extends object>(
  caller: string,
  options: unknown,
  kinds: Kinds<T>,
): Partial<T> {
  const names = Object.keys(kinds);
  const given: Record<string, unknown> = Object.create(null);
  const entries = guardReads(() => Object.entries(Object(options) as Record<string, unknown>));
  for (const [name, value] of entries) {
    if (!Object.hasOwn(kinds, name)) {
      const meant = nearMiss(name, names);
      throw invalidOption(
        `\`${caller}\` was given an option that it does not have`,
        `${meant ? `did you mean \`${meant}\`? ` : ""}it takes ${names.join(", ")}`,
      );
    }
    if (value === undefined) continue;
    const kind = kinds[name as keyof T];
    if (kind !== "any" && typeof value !== kind) {
      throw invalidOption(`\`${name}\` is no ${kind}`, "check where the value comes from");
    }
    given[name] = value;
  }
  return given as Partial<T>;
}
