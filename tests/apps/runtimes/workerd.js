// The suite as a Worker: takes the context, answers with the name of each case and how it failed.
import * as ec from "edge-credentials";
import { suite } from "../suite/index.js";
import { runAll } from "../suite/run.js";

export default {
  async fetch(request) {
    const context = await request.json();
    return Response.json(await runAll(suite({ ec, ...context })));
  },
};
