// Names functions of which a program has many without a mistake.

/** Where each copy of the package puts its registry: pkg/src/cache/instances.ts. */
const REGISTRIES = Symbol.for("edge-credentials.registries");

interface Registry {
  named: WeakMap<Function, string>;
}

let count = 0;

/**
 * Names a function. Sources that differ in their functions alone would be warned of otherwise: the
 * program would seem to make the functions anew in each request.
 */
export function withName<T extends Function>(what: string, given: T): T {
  const registries: Set<{ deref: () => Registry | undefined }> | undefined = (globalThis as any)[
    REGISTRIES
  ];
  count += 1;
  for (const registry of registries ?? []) registry.deref()?.named.set(given, `${what} ${count}`);
  return given;
}
