// @ts-check
// The suite as a Worker: takes the context, answers with the name of each case and how it failed.
import * as ec from "edge-credentials";
import { suite } from "./suite/index.js";

export default {
  /** @param {Request} request */
  async fetch(request) {
    const context = /** @type {Omit<import("./suite/index.js").Context, "ec">} */ (await request.json());
    const results = [];
    for (const { name, run } of suite({ ec, ...context })) {
      try {
        await run();
        results.push({ name });
      } catch (error) {
        results.push({ name, error: String(error) });
      }
    }
    return Response.json(results);
  },
};
