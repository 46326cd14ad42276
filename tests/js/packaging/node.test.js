// @ts-check
// The suite in this Node.
import test from "node:test";
import * as ec from "edge-credentials";
import { startContext } from "../support/servers/context.js";
import { suite } from "../suite/index.js";

for (const { name, run } of suite({ ec, ...(await startContext()) })) test(name, run);
