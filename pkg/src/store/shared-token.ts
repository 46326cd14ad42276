// The token of one source in a store. Nothing here throws: a store costs a request at worst.
import { errorName } from "../core/error-constructors.js";
import type { Stored } from "../core/events.js";
import type { Reading, SharedSource, SharedToken, TokenStore } from "../core/token-store.js";
import type { Token } from "../core/types.js";
import { sharedIdentityOf } from "./identity.js";
import { callStore, SLOW } from "./key-value-store.js";
import type { KeyValueStore } from "./key-value-store.js";
import { coldReads } from "./reads.js";
import { newRefusals } from "./refusals.js";
import { sealOf } from "./seal.js";
import type { Seal } from "./seal.js";
import { readValue, writeValue } from "./stored-value.js";
import type { StoredToken, StoredValue } from "./stored-value.js";

/** How long a read may take on which nobody waits, and a write, ms. */
const LIMITS = { background: 1_000, write: 5_000 };

/** A token is not taken so shortly before its end, ms, or a tenth of its life. */
const MARGIN = 30_000;

function isGood({ obtainedAt, expiresAt }: Token, now: number): boolean {
  if (expiresAt === null) return true;
  return expiresAt - Math.min(MARGIN, (expiresAt - obtainedAt) / 10) > now;
}

/** Makes what the option `store` takes. */
export function tokenStoreOf(open: (source: SharedSource) => SharedToken): TokenStore {
  return Object.assign(open, { isTokenStore: true as const });
}

export function sharedToken(
  store: KeyValueStore,
  { options, report }: SharedSource,
  policy: number,
): SharedToken {
  const identity = sharedIdentityOf(options);
  /** the keys of the present secret. No promise of them: it would belong to one request */
  let last: { secret: string; seal: Seal } | undefined;
  /** when the newest token that was seen was written */
  let newest = 0;
  const refusals = newRefusals();

  const tell = (operation: Stored["operation"], result: Stored["result"], cause?: string) =>
    report({ type: "store", what: "token", operation, result, ...(cause && { cause }) });

  /** @returns `undefined`: the store has failed, and it was reported */
  async function call(operation: Stored["operation"], run: () => unknown, millis: number) {
    try {
      const value = await callStore(run, millis);
      if (value !== SLOW) return { value };
      tell(operation, "slow");
    } catch (thrown) {
      tell(operation, "failed", errorName(thrown));
    }
    return undefined;
  }

  const readCold = coldReads((run, millis) => call("get", run, millis));

  async function sealFor(secret: string): Promise<Seal> {
    if (last?.secret !== secret) last = { secret, seal: await sealOf(secret, identity) };
    return last.seal;
  }

  /** @returns the value, or why there is none to use */
  async function opened(seal: Seal, value: unknown): Promise<StoredValue | "garbage" | "sealed"> {
    const found = await seal.open(value);
    return typeof found === "string" ? found : (readValue(found.text) ?? "garbage");
  }

  /** Takes the token of a value, or tells why not; `undefined`: there is nothing to tell. */
  async function take(
    { at, token, refused: others }: StoredValue,
    held: Token | undefined,
  ): Promise<StoredToken | "older" | "refused" | undefined> {
    const now = Date.now();
    refusals.learn(others, now);
    if (token === null) {
      newest = Math.max(newest, at);
      return "refused";
    }
    if (at < newest) return "older";
    const { accessToken } = token;
    if (await refusals.includes(accessToken)) return "refused";
    if (held?.accessToken === accessToken) return undefined;

    if (!isGood(token, now)) return undefined;
    newest = at;
    // Another clock may be ahead: its token looks like a clock that stepped back, and ends too late.
    const lifetime = token.expiresAt - token.obtainedAt;
    const obtainedAt = Math.min(token.obtainedAt, now);
    return { ...token, obtainedAt, expiresAt: Math.min(token.expiresAt, now + lifetime) };
  }

  async function write(seal: Seal, token: Token | null, end: number): Promise<void> {
    const now = Date.now();
    const ttl = Math.floor((end - now) / 1_000);
    if (ttl < 1) return;
    newest = Math.max(now, newest + 1);
    const value = { at: newest, token: token as StoredToken | null, refused: refusals.list(now) };
    const run = async () => store.set(seal.name, await seal.seal(writeValue(value)), { ttl });
    if (await call("set", run, LIMITS.write)) tell("set", "written");
  }

  /**
   * Whether the store knows of the refusal, or has another token: one that is good stays there. An
   * older value is a copy that lags behind.
   */
  async function isReplaced(seal: Seal, hash: string): Promise<boolean> {
    const answer = await call("get", () => store.get(seal.name), LIMITS.background);
    const found = await opened(seal, answer?.value);
    if (typeof found === "string" || found.at < newest) return false;
    if (found.token === null) return found.refused.some(([one]) => one === hash);
    const isRefused = await refusals.includes(found.token.accessToken);
    return !isRefused && isGood(found.token, Date.now());
  }

  async function read(secret: string, held: Token | undefined): Promise<Reading> {
    const before = refusals.count();
    const seal = await sealFor(secret);
    const reading: Reading = {
      token: undefined,
      async write(token) {
        // A flight that began before a refusal may bring the refused token.
        if (token.expiresAt === null || refusals.count() !== before) return;
        await write(seal, token, token.expiresAt);
      },
    };
    const get = () => store.get(seal.name);
    // A token that is about to end serves no longer than a read takes.
    const isServed = held && isGood(held, Date.now() + LIMITS.background);
    const answer = await (isServed ? call("get", get, LIMITS.background) : readCold(get));
    const value = answer?.value ?? undefined;
    if (value === undefined) return reading;

    const found = await opened(seal, value);
    const taken = typeof found === "string" ? found : await take(found, held);
    if (typeof taken === "object") tell("get", "found");
    else if (taken !== undefined) tell("get", taken);
    return typeof taken === "object" ? { ...reading, token: taken } : reading;
  }

  return {
    policy,
    async read(secret, held) {
      try {
        if (secret !== undefined) return await read(secret, held);
      } catch (thrown) {
        tell("get", "failed", errorName(thrown));
      }
      return { token: undefined, write: async () => {} };
    },
    async refuse({ accessToken, expiresAt }) {
      const seal = last?.seal;
      const before = newest;
      try {
        const hash = await refusals.add(accessToken, expiresAt);
        if (expiresAt === null || !seal) return;
        // A token that came meanwhile is good: it must not be overwritten.
        if ((await isReplaced(seal, hash)) || newest !== before) return;
        await write(seal, null, expiresAt);
      } catch (thrown) {
        tell("set", "failed", errorName(thrown));
      }
    },
  };
}
