import { runInBackground } from "../io/background.js";

/**
 * How many sources and verifiers are remembered; the least recently used one is forgotten first,
 * and goes on working for whoever holds it.
 */
const MOST = 1_000;
/**
 * At how many objects, equal but for their functions, somebody probably makes the functions anew in
 * each request.
 */
const SUSPICIOUS = 4;
const TOO_MANY =
  "edge-credentials: tokenSource or tokenVerifier was called four times with equal options but new functions, and each keeps tokens of its own: define clientSecret, key and fetch once, at module level";

/** @type {Map<string, any>} */
const objects = new Map();
/**
 * By everything but the functions: which functions came with it.
 *
 * @type {Map<string, Set<string>>}
 */
const families = new Map();

/** @type {WeakMap<Function, number>} */
const identities = new WeakMap();
let identityCount = 0;

/**
 * The source or the verifier that these options had before, or a new one.
 *
 * @template T
 * @param {unknown[]} data everything that distinguishes them and is no function
 * @param {(Function | undefined)[]} functions compared by identity
 * @param {() => T} make
 * @returns {T}
 */
export function instanceFor(data, functions, make) {
  const family = serialize(data);
  const identity = functions.map(identify).join();
  const key = `${identity} ${family}`;
  const object = objects.get(key) ?? make();
  if (functions.some(Boolean)) warnOfMany(family, identity);
  keep(objects, key, object);
  return object;
}

/**
 * As JSON, but for no `toJSON` that a polluted prototype may have: with it all would be one.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function serialize(value) {
  return Array.isArray(value) ? `[${value.map(serialize).join()}]` : String(JSON.stringify(value));
}

/** @param {Function | undefined} given */
function identify(given) {
  if (!given) return 0;
  const identity = identities.get(given) ?? (identityCount += 1);
  identities.set(given, identity);
  return identity;
}

/** @type {(family: string, identity: string) => void} */
function warnOfMany(family, identity) {
  const members = families.get(family) ?? new Set();
  keep(families, family, members);
  if (members.size >= SUSPICIOUS || members.add(identity).size < SUSPICIOUS) return;
  runInBackground(() => console.warn(TOO_MANY));
}

/**
 * Makes it the most recently used one.
 *
 * @template V
 * @param {Map<string, V>} map
 * @param {string} key
 * @param {V} value
 */
function keep(map, key, value) {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST) map.delete(oldest);
}
