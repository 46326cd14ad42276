import * as ec from "edge-credentials";
import * as hono from "edge-credentials/hono";
import { report } from "./report.js";

await report(ec, hono, Deno.args[0]);
