// @ts-check
// The fixed ports of the demo. Built-ins only: start.js looks before anything is installed.
import { once } from "node:events";
import { createServer } from "node:net";
import { Stop } from "./run.js";

/**
 * The port that an environment variable asks for, found free.
 * @param {string} variable
 * @param {number} usual the port when the variable is not set
 * @returns {Promise<number>} 0 when that was asked for: any free one
 */
export async function choosePort(variable, usual) {
  const asked = process.env[variable] || String(usual);
  const port = Number(asked);
  if (!/^\d+$/.test(asked) || port > 65_535) throw new Stop(`${variable} must be a port number up to 65535, not \`${asked}\``);
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRINUSE") throw new Stop(`port ${port} is in use: stop what listens there or set ${variable} to another port`);
    if (code === "EACCES") throw new Stop(`port ${port} needs more rights: set ${variable} to a port above 1023`);
    throw error;
  }
  server.close();
  await once(server, "close");
  return port;
}
