// @ts-check
// Free ports of the loopback interface.
import { once } from "node:events";
import { createServer } from "node:net";

/** Nothing keeps it free: another program may take it before the server does. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
