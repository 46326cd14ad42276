// What every store has to do, for the authors of adapters.
import { tokenSource } from "edge-credentials";
import type { TokenSource, TokenStore } from "edge-credentials";
import { fakeIssuer } from "./fake-issuer.js";
import type { FakeIssuerOptions } from "./types.js";

/** How long a store has to show a value, by default, ms. */
const PATIENCE = 2_000;

/** One test of the suite. */
export interface StoreTest {
  name: string;
  /** rejects if the store does not pass */
  run: () => Promise<void>;
}

/** How a store is tested. */
export interface StoreSuiteOptions {
  /** ms until a value that was set is seen, by default 2,000 */
  propagation?: number;
}

/**
 * **For tests.** Makes the tests that every store has to pass, for any test runner:
 *
 * ```
 * for (const { name, run } of storeSuite(() => sharedStore(adapter))) test(name, run);
 * ```
 *
 * Each uses a fake issuer and keys of its own, so the store need not be empty.
 *
 * @param open gives the store, once for each isolate; all have the same values
 */
export function storeSuite(
  open: () => TokenStore,
  { propagation = PATIENCE }: StoreSuiteOptions = {},
): StoreTest[] {
  const look = (isolate: Isolate, isIt?: (accessToken: string) => boolean, more?: object) =>
    found(propagation, () => isolate(more), isIt);
  return [
    {
      name: "an isolate takes the token of another one",
      async run() {
        const { isolate, isIssued } = fleet(open);
        await isolate().source.get();
        expect(isIssued(await look(isolate)), "it gave a token that nobody wrote");
      },
    },
    {
      name: "a token of 16 KiB comes back as it was",
      async run() {
        const { isolate, isIssued } = fleet(open, { claims: { note: "ü€😀".repeat(1_200) } });
        await isolate().source.get();
        const given = await look(isolate);
        expect(given.length > 12_000 && isIssued(given), "it did not come back as it was");
      },
    },
    {
      // Where `ttl` counts as milliseconds, it is gone after 0.1 s.
      name: "a token of two minutes is there after a second: `ttl` is in seconds",
      async run() {
        const { isolate, isIssued } = fleet(open, { expiresIn: 120 });
        await isolate().source.get();
        await look(isolate);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const { source, results } = isolate();
        const { accessToken } = await source.get();
        const isThere = results.includes("found") && isIssued(accessToken);
        expect(isThere, "the value was gone before its time");
      },
    },
    {
      name: "other options have another token",
      async run() {
        const { isolate } = fleet(open);
        const first = await isolate().source.get();
        const second = await isolate({ scope: "other" }).source.get();
        expect(first.accessToken !== second.accessToken, "two sources have one token");
        const [one, other] = [
          await look(isolate),
          await look(isolate, undefined, { scope: "other" }),
        ];
        expect(one !== other, "two sources have one token");
      },
    },
    {
      name: "a refused token is not taken again",
      async run() {
        const { isolate } = fleet(open);
        const { source } = isolate();
        const { accessToken } = await source.get();
        await look(isolate);
        source.invalidate(accessToken);
        const replaced = await source.get();
        expect(replaced.accessToken !== accessToken, "the refused token came back");
        await look(isolate, (token) => token !== accessToken);
      },
    },
    {
      name: "reads and writes succeed",
      async run() {
        const { isolate } = fleet(open);
        const { source, results } = isolate();
        await source.get();
        await look(isolate);
        expect(results.join() === "written", `it reported ${results.join(", ") || "nothing"}`);
      },
    },
  ];
}

/** Looks as new isolates until one finds a token in the store, the one that is expected. */
async function found(
  patience: number,
  isolate: () => { source: TokenSource; results: string[] },
  isIt: (accessToken: string) => boolean = () => true,
): Promise<string> {
  const pause = Math.max(20, patience / 10);
  for (let waited = 0; waited <= patience; waited += pause) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const { source, results } = isolate();
    const { accessToken } = await source.get();
    if (results.includes("found") && isIt(accessToken)) return accessToken;
  }
  throw new Error(`the store did not show the value within ${patience} ms`);
}

function expect(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

type Isolate = (more?: object) => { source: TokenSource; results: string[] };

function fleet(open: () => TokenStore, options: FakeIssuerOptions = {}) {
  // Another secret each time: other keys than those of the last run.
  const clientSecret = crypto.randomUUID();
  const issuer = fakeIssuer({ ...options, clients: { service: clientSecret } });
  const issued = new Set<string>();

  // Sources that differ in a function stand for isolates: they share nothing but the store.
  const isolate: Isolate = (more = {}) => {
    const results: string[] = [];
    const source = tokenSource({
      issuer: issuer.issuer,
      clientId: issuer.clientId,
      clientSecret,
      async fetch(url, init) {
        const response = await issuer.fetch(url, init);
        if (url.endsWith("/token")) {
          issued.add(((await response.clone().json()) as any).access_token);
        }
        return response;
      },
      store: open(),
      onEvent(event) {
        if (event.type === "store") results.push(event.result);
      },
      ...more,
    });
    return { source, results };
  };
  return { isolate, isIssued: (token: string) => issued.has(token) };
}
