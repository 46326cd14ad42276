/**
 * Options that do not tell two sources apart: they do not change the token, or are the secret
 * itself.
 */
const LEFT_OUT = ["clientSecret", "key", "store", "onEvent", "maxInstances"];

/**
 * A text that is equal for equal options, in every isolate. Functions count as given or not: two of
 * them cannot be compared across isolates.
 */
export function sharedIdentityOf(options: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(options)
    .filter(([name, value]) => value !== undefined && !LEFT_OUT.includes(name))
    .map(([name, value]) => [name, typeof value === "function" ? { isFunction: true } : value])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
  return JSON.stringify(entries);
}
