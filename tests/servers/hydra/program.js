// @ts-check
// Hydra, built of its Go module with its database in memory.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/run.js";
import { goBuild, goModule } from "../setup/go.js";
import { startProgram } from "../setup/program.js";
import { inTarget, requireTools } from "../setup/tools.js";

export const VERSION = "2.3.0";
const PROGRAM = inTarget("hydra", `hydra-${VERSION}`);

/** @param {(line: string) => void} tell */
export async function prepare(tell) {
  requireTools("go", "cc");
  if (existsSync(PROGRAM)) return;
  tell("it is downloaded and built, which takes minutes at first");
  const folder = await goModule(`github.com/ory/hydra/v2@v${VERSION}`);
  // `go install` refuses a module that replaces others. What it replaces by a folder of its own is
  // not in the module; the same code is published.
  const file = inTarget("hydra", "go.mod");
  mkdirSync(inTarget("hydra"), { recursive: true });
  for (const name of ["go.mod", "go.sum"]) {
    copyFileSync(join(folder, name), inTarget("hydra", name));
    chmodSync(inTarget("hydra", name), 0o644);
  }
  await run("go", ["mod", "edit", "-dropreplace=github.com/ory/hydra-client-go/v2", file]);
  await goBuild(PROGRAM, folder, ["-mod=mod", `-modfile=${file}`, "-tags=sqlite,json1"]);
}

/**
 * @param {object} ports
 * @param {number} ports.port
 * @param {number} ports.adminPort
 * @param {string} pages where the pages of login, consent and logout would be
 */
export async function startHydra({ port, adminPort }, pages) {
  const issuer = `http://127.0.0.1:${port}/`;
  const file = inTarget("hydra", `configuration-${port}.json`);
  const configuration = {
    dsn: "memory",
    secrets: { system: ["a secret of the walk's"] },
    serve: { public: { host: "127.0.0.1", port }, admin: { host: "127.0.0.1", port: adminPort } },
    urls: {
      self: { issuer },
      login: `${pages}/login`,
      consent: `${pages}/consent`,
      logout: `${pages}/logout`,
      post_logout_redirect: `${pages}/end`,
    },
  };
  writeFileSync(file, JSON.stringify(configuration));
  return startProgram(PROGRAM, ["serve", "all", "--dev", "--sqa-opt-out", "--config", file], {
    ready: `${issuer}health/ready`,
    log: inTarget("hydra", "log"),
  });
}
