// @ts-check
// Node's servers in tests: at a free port of this machine, and closed at once.
import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @param {import("node:net").Server} server
 * @returns {Promise<{ port: number; origin: string }>}
 */
export async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { port, origin: `http://127.0.0.1:${port}` };
}

/** @param {import("node:http").Server} server */
export async function close(server) {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

/** A port that nobody has at the moment, for a program that is told its own. */
export async function freePort() {
  const server = createServer();
  const { port } = await listen(server);
  await close(server);
  return port;
}
