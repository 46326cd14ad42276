// @ts-check
// `npm run test:servers`: the build that the walk of real servers runs on, and the walk.
import { run, runIfMain } from "./run.js";
import { setUp } from "./setup/setup.js";

runIfMain(import.meta, async () => {
  await setUp();
  await run(process.execPath, ["scripts/build/build.js"]);
  await run(process.execPath, ["tests/servers/index.js", ...process.argv.slice(2)], {
    failure: "a server differs from what is expected or recorded",
  });
});
