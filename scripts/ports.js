// @ts-check
// The fixed ports of the demo. Built-ins only: start.js looks before anything is installed.
import { once } from "node:events";
import { createServer } from "node:net";
import { Stop } from "./run.js";

/**
 * The port that an environment variable asks for, found free.
 *
 * @param {string} variable
 * @param {number} usual the port when the variable is not set
 * @returns {Promise<number>} 0 when that was asked for: any free one
 */
export async function choosePort(variable, usual) {
  const asked = process.env[variable] || String(usual);
  const port = Number(asked);
  if (!/^\d+$/.test(asked) || port > 65_535)
    throw new Stop(`${variable} must be a port number up to 65535, not \`${asked}\``);

  const server = createServer();
  await listen(server, port, variable);
  server.close();
  await once(server, "close");
  return port;
}

/**
 * @param {import("node:net").Server} server
 * @param {number} port
 * @param {string} variable what moves the port
 */
export async function listen(server, port, variable) {
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRINUSE") throw inUse(port, variable);
    if (code === "EACCES")
      throw new Stop(`port ${port} needs more rights: set ${variable} to a port above 1023`);
    throw error;
  }
}

/** @type {(port: number, variable: string) => Stop} */
export function inUse(port, variable) {
  return new Stop(
    `port ${port} is in use: stop what listens there or set ${variable} to another port`,
  );
}
