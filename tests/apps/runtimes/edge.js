// What runs inside of Vercel's sandbox; edge-host.js bundles it.
import * as ec from "edge-credentials";
import { report } from "./report.js";

export const run = (url) => report(ec, url);
