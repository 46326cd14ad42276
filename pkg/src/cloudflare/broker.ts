// What the object does: it holds one token for all who ask.
import { tokenSource } from "edge-credentials";
import type { SourceEvent, Token, TokenSource, TokenSourceOptions } from "edge-credentials";
import { invalidOption } from "../core/guard-reads.js";
import { PolicyKind } from "../core/policies.js";
import type { SharedSource, TokenStore } from "../core/token-store.js";
import { startTimer } from "../io/timeout.js";
import { sharedToken, tokenStoreOf } from "../store/shared-token.js";
import { ownOf } from "./answer.js";
import type { Question } from "./answer.js";
import { withName } from "./function-names.js";

/** What of an object's storage is used. */
export interface ObjectStorage {
  get: (key: string) => Promise<unknown>;
  put: (key: string, value: string) => Promise<void>;
  getAlarm: () => Promise<number | null>;
  setAlarm: (time: number) => Promise<void>;
}

/** Where the sealed token is. */
const KEY = "edge-credentials.token";

/** How long a Worker that has a token waits for the next one, ms. */
const NEXT = 5_000;

/** The one token of an object. */
export interface Broker {
  get: (question: Question) => Promise<Token>;
}

/** @throws {AuthError} `option_invalid`, `url_insecure` */
export function brokerOf(options: TokenSourceOptions, storage: ObjectStorage): Broker {
  const given = options as TokenSourceOptions & Partial<Record<string, unknown>>;
  if (given.store !== undefined) {
    throw invalidOption("`store` does not go with a broker", "leave it out: the object keeps it");
  }
  /** the token that is still there after a refresh */
  let repeated: string | undefined;
  const waiting = new Set<() => void>();

  const onEvent = (event: SourceEvent) => {
    const isEnd = event.type === "fetch" || event.type === "refresh" || event.type === "fail";
    if (isEnd && event.what === "token") {
      for (const resume of waiting) resume();
      waiting.clear();
    }
    return options.onEvent?.(event);
  };
  // A function may assert another user than the one whose token was stored.
  const isUnstored = given.accessToken !== undefined || given.assertion !== undefined;
  const store = isUnstored ? {} : { store: objectStore(storage) };
  const source: TokenSource = tokenSource({ ...options, ...store, onEvent } as TokenSourceOptions);

  /** Waits until the refresh that is under way has ended. */
  const next = () =>
    new Promise<void>((resolve) => {
      const resume = () => {
        timer.stop();
        waiting.delete(resume);
        resolve();
      };
      const timer = startTimer(resume, NEXT, { keepsAlive: false });
      waiting.add(resume);
    });

  return {
    async get(question) {
      // Its own members only, and another version may ask nothing.
      const { held, refused }: Question = ownOf(question);
      if (typeof refused === "string") source.invalidate(refused);
      const token = await source.get();
      // Those that ask have a lead that is shorter than the source's, so a refresh is under way.
      const isNews = token.accessToken !== held || token.expiresAt === null;
      if (isNews || held === repeated) return token;
      await next();
      const another = await source.get();
      // The server failed, or gave the same token again: nobody waits for that twice.
      if (another.accessToken === held) repeated = held;
      return another;
    },
  };
}

/**
 * The object's own storage, so that the token outlives the object's eviction. Credentials that
 * cannot seal, such as assertions of a key management service, leave it unused.
 */
function objectStore(storage: ObjectStorage): TokenStore {
  const values = {
    get: () => storage.get(KEY),
    set: (_: string, value: string) => storage.put(KEY, value),
  };
  const open = (source: SharedSource) => sharedToken(values, source, PolicyKind.BrokeredToken);
  return withName("object", tokenStoreOf(open));
}
