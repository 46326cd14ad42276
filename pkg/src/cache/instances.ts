// The sources and verifiers of this process: equal options give the same one.
import type { SourceEvent } from "../core/events.js";
import { runInBackground } from "../io/background.js";

/**
 * How many sources and verifiers are kept for reuse, unless an option says more. The least recently
 * used one is dropped first; callers that hold it can go on using it.
 */
let maxInstances = 1_000;

/** A source or a verifier. */
export interface Made<T> {
  instance: T;
  /** forgets all that it learned, such as its token, its keys and its last failure */
  restart: () => void;
}

/** What is called when it is dropped, too. */
interface Kept<T> extends Made<T> {
  onDrop: () => void;
}

/**
 * How many instances may differ only in their functions before a warning. The caller probably
 * creates these functions in each request.
 */
const WARN_AT = 4;

const WARNING =
  "edge-credentials: tokenSource or tokenVerifier was called four times with equal options but " +
  "new functions, and each keeps its own tokens: define the functions once, at module level";

/** The options that change nothing of what an instance does. */
const NOT_COMPARED = ["onEvent", "maxInstances"];

const registry = {
  instances: new Map<string, Kept<any>>(),

  /** The sets of functions that were given, by the options that are no functions. */
  functionsByData: new Map<string, Set<string>>(),

  /** The names of functions of which a program has many without a mistake. */
  named: new WeakMap<Function, string>(),

  /** Begins anew. It keeps the instances, since callers hold them at module level. */
  reset() {
    for (const { restart } of registry.instances.values()) restart();
    registry.functionsByData.clear();
  },
};

// `edge-credentials/testing` and `edge-credentials/cloudflare` find it there, in whichever copy of
// the package a program has. Weak, since development servers replace copies.
const REGISTRIES = Symbol.for("edge-credentials.registries");
const registries: Set<unknown> = (globalThis as any)[REGISTRIES] ?? new Set();
// workerd has no `WeakRef` on older compatibility dates.
registries.add(typeof WeakRef === "function" ? new WeakRef(registry) : { deref: () => registry });
// Does not throw where the global object is frozen.
Reflect.set(globalThis, REGISTRIES, registries);

const functionIds: WeakMap<Function, number> = new WeakMap();

let functionCount = 0;

/**
 * Returns the source or the verifier that equal options gave before, or a new one.
 *
 * @param options checked; functions are compared by identity
 * @param report tells the listener of an instance
 */
export function instanceFor<T>(
  kind: "source" | "verifier",
  options: { maxInstances: number | undefined },
  make: () => Made<T>,
  report: (instance: T, event: SourceEvent) => void,
): T {
  const functions: number[] = [];
  const data = kind + identityOf(options, functions);
  const ids = functions.join();
  const key = `${ids} ${data}`;
  const { instances } = registry;
  const kept: Kept<T> = instances.get(key) ?? keep(kind, make(), report);

  if (ids !== "") warnOfNewFunctions(data, ids);
  maxInstances = Math.max(maxInstances, options.maxInstances ?? 0);
  keepRecent(instances, key, kept)?.onDrop();
  return kept.instance;
}

function keep<T>(
  what: "source" | "verifier",
  made: Made<T>,
  report: (instance: T, event: SourceEvent) => void,
): Kept<T> {
  return { ...made, onDrop: () => report(made.instance, { type: "drop", what }) };
}

/**
 * A text that is equal for equal options. Texts of options hold no NUL, which therefore separates
 * them without doubt.
 *
 * @param functions gets the numbers of the functions
 */
function identityOf(value: unknown, functions: number[]): string {
  if (typeof value === "function") {
    const name = registry.named.get(value);
    if (name !== undefined) return `\0${name}`;
    functions.push(idOf(value));
    return "\0function";
  }
  if (typeof value !== "object" || value === null) return `\0${typeof value} ${value}`;

  let text = "\0{";
  for (const [name, member] of Object.entries(value)) {
    if (!NOT_COMPARED.includes(name)) text += identityOf(member, functions);
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
  const { functionsByData } = registry;
  const seen = functionsByData.get(data) ?? new Set();
  keepRecent(functionsByData, data, seen);
  if (seen.size >= WARN_AT) return;

  seen.add(ids);
  if (seen.size === WARN_AT) runInBackground(() => console.warn(WARNING));
}

/**
 * Adds an entry as the most recently used one, and drops the oldest if there are too many.
 *
 * @returns what was dropped
 */
function keepRecent<V>(map: Map<string, V>, key: string, value: V): V | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxInstances) return undefined;
  const [[oldest, dropped]] = map;
  map.delete(oldest);
  return dropped;
}
