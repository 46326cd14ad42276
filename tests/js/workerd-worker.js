// @ts-check
// The suite as a Worker: takes the context, answers with the name of each case and how it failed.
import * as ec from "edge-credentials";
import { suite } from "./suite/index.js";
import { runAll } from "./suite/run.js";

export default {
  /** @param {Request} request */
  async fetch(request) {
    const context = /** @type {Omit<import("./suite/index.js").Context, "ec">} */ (await request.json());
    return Response.json(await runAll(suite({ ec, ...context })));
  },
};
