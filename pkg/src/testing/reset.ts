// Forgets what the package remembers between tests.

/** Where each copy of the package puts its registry: pkg/src/cache/instances.ts. */
const REGISTRIES = Symbol.for("edge-credentials.registries");

interface Registry {
  reset: () => void;
}

/**
 * **For tests.** Makes every source and every verifier begin anew: without a token, keys, metadata,
 * introspected tokens, and without the failure after which it would pause. It includes those that
 * the code under test holds at module level, and those of another copy of the package.
 *
 * Call it after each test. Requests that are on their way change nothing any more.
 */
export function reset(): void {
  const registries: Set<{ deref: () => Registry | undefined }> | undefined = (globalThis as any)[
    REGISTRIES
  ];
  for (const registry of registries ?? []) registry.deref()?.reset();
}
