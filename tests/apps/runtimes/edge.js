// What runs inside of Vercel's sandbox; edge-host.js bundles it.
import * as ec from "edge-credentials";
import * as hono from "edge-credentials/hono";
import { report } from "./report.js";

export const run = (url) => report(ec, hono, url);
