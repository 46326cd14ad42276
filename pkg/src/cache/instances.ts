// The sources and verifiers of this process: equal options give the same one.
import { runInBackground } from "../io/background.js";

/**
 * How many sources and verifiers are kept for reuse. The least recently used one is dropped first;
 * callers that hold it can go on using it.
 */
const MAX_INSTANCES = 1_000;

/**
 * How many instances may differ only in their functions before a warning. The caller probably
 * creates these functions in each request.
 */
const WARN_AT = 4;

const WARNING =
  "edge-credentials: tokenSource or tokenVerifier was called four times with equal options but " +
  "new functions, and each keeps tokens of its own: define clientSecret, key and fetch once, at " +
  "module level";

const instances: Map<string, any> = new Map();

/** The sets of functions that were given, by the options that are no functions. */
const functionsByData: Map<string, Set<string>> = new Map();

const functionIds: WeakMap<Function, number> = new WeakMap();

let functionCount = 0;

/**
 * Returns the source or the verifier that equal options gave before, or a new one.
 *
 * @param kind tells sources from verifiers
 * @param options checked; functions are compared by identity, `onEvent` is not compared
 */
export function instanceFor<T>(kind: string, options: object, make: () => T): T {
  const functions: number[] = [];
  const data = kind + identityOf(options, functions);
  const ids = functions.join();
  const key = `${ids} ${data}`;
  const instance = instances.get(key) ?? make();

  if (ids !== "") warnOfNewFunctions(data, ids);
  keepRecent(instances, key, instance);
  return instance;
}

/**
 * A text that is equal for equal options. Texts of options hold no NUL, which therefore separates
 * them without doubt.
 *
 * @param functions gets the numbers of the functions
 */
function identityOf(value: unknown, functions: number[]): string {
  if (typeof value === "function") {
    functions.push(idOf(value));
    return "\0function";
  }
  if (typeof value !== "object" || value === null) return `\0${typeof value} ${value}`;

  let text = "\0{";
  for (const [name, member] of Object.entries(value)) {
    if (name !== "onEvent") text += identityOf(member, functions);
  }
  return `${text}\0}`;
}

function idOf(given: Function): number {
  const known = functionIds.get(given);
  if (known !== undefined) return known;

  functionCount += 1;
  functionIds.set(given, functionCount);
  return functionCount;
}

function warnOfNewFunctions(data: string, ids: string): void {
  const seen = functionsByData.get(data) ?? new Set();
  keepRecent(functionsByData, data, seen);
  if (seen.size >= WARN_AT) return;

  seen.add(ids);
  if (seen.size === WARN_AT) runInBackground(() => console.warn(WARNING));
}

/** Adds an entry as the most recently used one, and drops the oldest if there are too many. */
function keepRecent<V>(map: Map<string, V>, key: string, value: V) {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_INSTANCES) return;
  const [oldest] = map.keys();
  map.delete(oldest);
}
