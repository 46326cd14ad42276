// Node and Bun, by import.
import * as ec from "edge-credentials";
import * as hono from "edge-credentials/hono";
import { report } from "./report.js";

await report(ec, hono, process.argv[2]);
