/** What an entry takes in addition to its texts, bytes. */
const ENTRY_OVERHEAD = 200;

/** A map with a limit of entries and of bytes, which drops the least recently used entries. */
export class LruMap<V> {
  /** `key` is the string whose bytes were counted; an equal one may take more. */
  #entries: Map<string, { key: string; value: V; bytes: number }> = new Map();
  #bytes = 0;
  #maxEntries;
  #maxBytes;

  /** @param maxBytes of keys and values together */
  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Whether there is an entry. This does not count as a use. */
  has(key: string) {
    return this.#entries.has(key);
  }

  get(key: string) {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;

    this.#entries.delete(key);
    this.#entries.set(entry.key, entry);
    return entry.value;
  }

  set(key: string, value: V, size: number): void {
    this.delete(key);
    // A UTF-16 code unit takes two bytes at most.
    const bytes = ENTRY_OVERHEAD + 2 * key.length + size;
    this.#entries.set(key, { key, value, bytes });
    this.#bytes += bytes;

    while (this.#entries.size > this.#maxEntries || this.#bytes > this.#maxBytes) {
      const [oldest] = this.#entries.keys();
      this.delete(oldest);
    }
  }

  delete(key: string) {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }
}
