#!/usr/bin/env node
// What `npx edge-credentials` runs. It imports nothing that an older Node lacks, so that such a Node
// gets a sentence instead of a stack.
import * as util from "node:util";

if (util.styleText === undefined) {
  console.error("edge-credentials: this command needs Node 20.12 or later");
  process.exitCode = 2;
} else {
  // A reader such as `head` has what it wants.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const { run } = await import("./main.js");
  process.exitCode = await run(process.argv.slice(2), {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}
