// The first start takes the demo's secrets as settings for `wrangler dev`.
import { constants, copyFileSync, existsSync } from "node:fs";

if (!existsSync(".dev.vars"))
  copyFileSync(".dev.vars.example", ".dev.vars", constants.COPYFILE_EXCL);
