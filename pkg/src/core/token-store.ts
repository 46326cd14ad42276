// What a token source expects of a store, whose code is in entries of its own.
import type { SourceEvent } from "./events.js";
import type { Token } from "./types.js";

/**
 * Where isolates share the token of a source. `sharedStore` and `kvStore` make it, and
 * `tokenSource` opens it; a program only passes it on.
 */
export interface TokenStore {
  (source: SharedSource): SharedToken;
  /** tells it from another function */
  isTokenStore: true;
}

/** A source that shares its token, as its store sees it. */
export interface SharedSource {
  /** the options of the source, checked */
  options: Readonly<Record<string, unknown>>;
  /** reports to the source's `onEvent` */
  report: (event: SourceEvent) => void;
}

/** The token of one source in a store. Nothing here throws or rejects. */
export interface SharedToken {
  /** the lead of the source, by its number in the core */
  policy: number;
  /**
   * reads the token
   *
   * @param secret the present client secret or key, if the source has one
   * @param held the token that callers use meanwhile; without one, they wait
   */
  read: (secret: string | undefined, held: Token | undefined) => Promise<Reading>;
  /** remembers that a token was refused where it was used */
  refuse: (token: Token) => Promise<void>;
}

/** What was read, and how to replace it. */
export interface Reading {
  token: Token | undefined;
  /** writes a token that was requested after the reading */
  write: (token: Token) => Promise<void>;
}
