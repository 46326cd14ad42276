// @ts-check
// Keep-alive connections to a Worker: as little HTTP as it takes, so that the generator of the load
// takes as little as possible of the machine it shares.
import { connect } from "node:net";

/** workerd closes a connection that is idle for 5 s: none is used that is about to be, ms. */
const LONGEST_IDLE = 2_000;

export class Connections {
  #port;
  #host;
  /** @type {Connection[]} */
  #idle = [];
  /** @type {Set<Connection>} */
  #all = new Set();

  /** @param {string} url */
  constructor(url) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /**
   * What the Worker answers, over a connection that nobody waits for: a new one where there is
   * none.
   *
   * @param {string} path
   * @returns {Promise<string>}
   */
  async ask(path) {
    const connection = this.#take() ?? this.#open();
    const body = await connection.ask(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`);
    this.#idle.push(connection);
    return body;
  }

  /** The one used last: where that is too old, so are all. */
  #take() {
    const last = this.#idle.pop();
    if (last === undefined || performance.now() - last.usedAt < LONGEST_IDLE) return last;
    for (const connection of [last, ...this.#idle.splice(0)]) {
      this.#all.delete(connection);
      connection.close();
    }
  }

  close() {
    for (const connection of this.#all) connection.close();
  }

  #open() {
    const connection = new Connection(this.#port, this.#host);
    this.#all.add(connection);
    return connection;
  }
}

class Connection {
  #socket;
  #text = "";
  #closed = false;
  usedAt = 0;
  /** @type {{ done: (body: string) => void; fail: (error: Error) => void } | undefined} */
  #waiting;

  /**
   * @param {number} port
   * @param {string} host
   */
  constructor(port, host) {
    this.#socket = connect({ port, host, noDelay: true }).setEncoding("latin1");
    this.#socket.on("data", (text) => this.#read(String(text)));
    this.#socket.on("error", (error) => this.#waiting?.fail(error));
    this.#socket.on("close", () => {
      if (this.#closed) return;
      const message =
        "the Worker closed a connection instead of answering, " +
        "as workerd does where it got to nothing for 5 s; is the machine too busy?";
      this.#waiting?.fail(new Error(message));
    });
  }

  /**
   * @param {string} head
   * @returns {Promise<string>}
   */
  ask(head) {
    return new Promise((done, fail) => {
      this.#waiting = { done, fail };
      this.#socket.write(head);
    });
  }

  close() {
    this.#closed = true;
    this.#socket.destroy();
  }

  /** @param {string} text */
  #read(text) {
    this.#text += text;
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1]);
    if (this.#text.length < end + 4 + length) return;

    const head = this.#text.slice(0, end);
    const body = this.#text.slice(end + 4);
    const waiting = this.#waiting;
    this.#text = "";
    this.#waiting = undefined;
    this.usedAt = performance.now();

    if (head.startsWith("HTTP/1.1 200 ") && body.length === length) return waiting?.done(body);
    const message = `the Worker answered what is no 200 with one body:\n${head}\n\n${body}`;
    waiting?.fail(new Error(message));
  }
}
