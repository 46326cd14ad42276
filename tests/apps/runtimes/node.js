// Node and Bun, by import.
import * as ec from "edge-credentials";
import { report } from "./report.js";

await report(ec, process.argv[2]);
