/** What an entry takes in addition to its texts, bytes. */
const ENTRY_OVERHEAD = 200;

/**
 * A map with a limit of entries and of bytes, which drops the least recently used entries.
 *
 * @template V
 */
export class LruMap {
  /**
   * `key` is the string whose bytes were counted; an equal one may take more.
   *
   * @type {Map<string, { key: string; value: V; bytes: number }>}
   */
  #entries = new Map();
  #bytes = 0;
  #maxEntries;
  #maxBytes;

  /**
   * @param {number} maxEntries
   * @param {number} maxBytes of keys and values together
   */
  constructor(maxEntries, maxBytes) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /**
   * Whether there is an entry. This does not count as a use.
   *
   * @param {string} key
   */
  has(key) {
    return this.#entries.has(key);
  }

  /** @param {string} key */
  get(key) {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;

    this.#entries.delete(key);
    this.#entries.set(entry.key, entry);
    return entry.value;
  }

  /** @type {(key: string, value: V, size: number) => void} `size`: of the value, about, in bytes */
  set(key, value, size) {
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

  /** @param {string} key */
  delete(key) {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }
}
