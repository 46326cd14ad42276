// Checks options. What is right is taken in one pass; what is not goes to the check that explains.
//
// A bundler leaves out the checks of functions that a program does not use (`NO_SIDE_EFFECTS`).
import { internal } from "./error-constructors.js";
import { explainOptions } from "./explain-options.js";
import { guardReads } from "./guard-reads.js";
import { hasMark, type Kind, KINDS, unmarked, WRONG } from "./kinds.js";
import { isPlain, isPromise, isRecord } from "./values.js";

/**
 * The kinds of a function's options, with `!` where one is required, and `?` where `undefined`
 * counts as left out.
 */
export type Kinds = { readonly [name: string]: Kind | `${Kind}${"!" | "?"}` | Alternatives };

/**
 * Kinds by the option that only these have, or by the value that it has only there. The last one
 * that is given counts; the first one if none is given.
 */
export type Alternatives = { readonly [by: string]: Kinds };

type Take = (value: unknown) => unknown;

/**
 * Makes the check of a function's options. It returns a copy in which every option is an own
 * property, `undefined` if it is not given. A polluted prototype therefore adds nothing.
 *
 * @param caller the function that takes the options, for messages
 * @param names the properties of the copy, if there are more than the options
 */
/* @__NO_SIDE_EFFECTS__ */
export function checkerOf<T>(
  caller: string,
  kinds: Kinds,
  names: string[] = Object.keys(kinds),
): (options: unknown) => T {
  let takeAll: TakeAll | undefined;

  return (options) => {
    // Made at the first call: most programs call few of the functions.
    takeAll ??= takeAllOf(kinds, names);
    const takeEach = takeAll;
    const taken = guardReads(() => {
      const isGiven = isRecord(options) && !isPromise(options);
      return isGiven ? takeEach(options) : undefined;
    });
    if (taken) return taken as T;

    // A copy, since a second read of the options may give something else.
    const explained = guardReads(() => takeEach(explainOptions(caller, options, kinds)));
    if (explained) return explained as T;
    throw internal("options were refused without a reason");
  };
}

/** Takes options in one pass: `undefined` if anything is wrong with them. */
type TakeAll = (options: Record<string, unknown>) => Record<string, unknown> | undefined;

function takeAllOf(kinds: Kinds, names: string[]): TakeAll {
  const takes = new Map<string, { take: Take; isRequired: boolean; mayBeUnset: boolean }>();
  const empty = Object.fromEntries(names.map((name) => [name, undefined]));
  let required = 0;
  for (const [name, kind] of Object.entries(kinds)) {
    const isRequired = hasMark(kind, "!");
    takes.set(name, { take: takeOf(name, kind), isRequired, mayBeUnset: hasMark(kind, "?") });
    if (isRequired) required += 1;
  }

  return (options) => {
    const taken: Record<string, unknown> = { ...empty };
    let missing = required;
    for (const name of Object.keys(options)) {
      const known = takes.get(name);
      if (known === undefined) return undefined;
      const given = options[name];
      if (given === undefined && known.mayBeUnset) continue;
      const value = known.take(given);
      if (value === WRONG) return undefined;
      taken[name] = value;
      if (known.isRequired) missing -= 1;
    }
    return missing === 0 ? taken : undefined;
  };
}

/** The same for alternatives, which the options themselves choose. */
/* @__NO_SIDE_EFFECTS__ */
export function checkerOfAlternatives<T>(
  caller: string,
  alternatives: Alternatives,
): (options: unknown) => T {
  const names = Object.keys(alternatives);
  const all = Object.values(alternatives).flatMap((kinds) => Object.keys(kinds));
  const checkers = Object.entries(alternatives).map(([by, kinds], index) =>
    checkerOf<T>(index === 0 ? caller : `${caller} with \`${by}\``, kinds, all),
  );

  return (options) => {
    const last = names.findLastIndex((by) => isChosen(options, by));
    return checkers[Math.max(last, 0)](options);
  };
}

/** @param by an option, or an option and its value: `clientAuth=none` */
function isChosen(options: unknown, by: string): boolean {
  const [name, value] = by.split("=");
  if (!hasOption(options, name)) return false;
  return value === undefined || guardReads(() => Reflect.get(Object(options), name) === value);
}

/** Whether an option is given, whatever its value. */
export function hasOption(options: unknown, name: string): boolean {
  return guardReads(() => isRecord(options) && Object.hasOwn(options, name));
}

function takeOf(name: string, kind: Kinds[string]): Take {
  if (typeof kind === "string") return KINDS[unmarked(kind)].take;
  const check = checkerOfAlternatives(name, kind);
  return (value) => (isPlain(value) ? check(value) : WRONG);
}
