/** What an entry takes beside its texts, bytes. */
const OVERHEAD = 200;

/**
 * A map that forgets what was used least recently, by number of entries and by bytes.
 *
 * @template V
 */
export class LruMap {
  /**
   * `key`: as it came first, since it was counted.
   *
   * @type {Map<string, { key: string; value: V; bytes: number }>}
   */
  #entries = new Map();
  #bytes = 0;
  #most;
  #mostBytes;

  /**
   * @param {number} most entries
   * @param {number} mostBytes of keys and values
   */
  constructor(most, mostBytes) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /**
   * Whether it is there, without using it.
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

  /**
   * @type {(key: string, value: V, size: number) => void} `size`: about how many bytes the value
   *   takes
   */
  set(key, value, size) {
    this.delete(key);
    // Two bytes are the most that a UTF-16 unit takes.
    const bytes = OVERHEAD + 2 * key.length + size;
    this.#entries.set(key, { key, value, bytes });
    this.#bytes += bytes;
    while (this.#entries.size > this.#most || this.#bytes > this.#mostBytes) {
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
