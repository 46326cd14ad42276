import * as ec from "edge-credentials";
import { report } from "./report.js";

await report(ec, Deno.args[0]);
