// @ts-check
// What every runner gives the suite, beside the package: the vectors, and servers that run while
// the tests do.
import { after } from "node:test";
import { startServers } from "./servers.js";

/** @returns {Promise<Omit<import("../../suite/index.js").Context, "ec">>} */
export async function startContext() {
  const { context, stop } = await startServers();
  after(stop);
  return context;
}
