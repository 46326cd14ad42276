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
 * @param data the options that distinguish instances and are no functions
 * @param functions compared by identity
 */
export function instanceFor<T>(
  data: unknown[],
  functions: (Function | undefined)[],
  make: () => T,
): T {
  const dataKey = serialize(data);
  const functionsKey = functions.map(idOf).join();
  const key = `${functionsKey} ${dataKey}`;
  const instance = instances.get(key) ?? make();

  if (functions.some(Boolean)) warnOfNewFunctions(dataKey, functionsKey);
  keepRecent(instances, key, instance);
  return instance;
}

/**
 * Serializes a value as JSON. Lists are joined here, since a polluted prototype may have a `toJSON`
 * that makes all lists equal.
 */
export function serialize(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(serialize).join()}]` : String(JSON.stringify(value));
}

function idOf(given: Function | undefined) {
  if (!given) return 0;
  const known = functionIds.get(given);
  if (known !== undefined) return known;

  functionCount += 1;
  functionIds.set(given, functionCount);
  return functionCount;
}

function warnOfNewFunctions(dataKey: string, functionsKey: string): void {
  const seen = functionsByData.get(dataKey) ?? new Set();
  keepRecent(functionsByData, dataKey, seen);
  if (seen.size >= WARN_AT) return;

  seen.add(functionsKey);
  if (seen.size === WARN_AT) runInBackground(() => console.warn(WARNING));
}

/** Adds an entry as the most recently used one, and drops the oldest if there are too many. */
function keepRecent<V>(map: Map<string, V>, key: string, value: V) {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_INSTANCES) map.delete(oldest);
}
