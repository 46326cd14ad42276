// @ts-check
// Keycloak's Quarkus distribution, from a Maven repository: unpacked and built, with an empty
// database. All of it takes a minute, and is kept.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/run.js";
import { startProgram } from "../setup/program.js";
import { freePort } from "../setup/ports.js";
import { inTarget, requireTools } from "../setup/tools.js";
import { ADMIN } from "./admin.js";

export const VERSION = "26.7.3";
const FOLDER = inTarget("keycloak");
const HOME = join(FOLDER, `keycloak-${VERSION}`);
const IMPORT = join(HOME, "data/import");
const DATABASE = join(HOME, "data/h2");
const EMPTY = join(FOLDER, `empty-${VERSION}`);

const SETTINGS = ["--http-enabled=true", "--http-host=127.0.0.1", "--hostname-strict=false"];
const ENVIRONMENT = {
  KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
  KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
  // It lives for a minute: what compiles less starts sooner.
  JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1",
};

/** @param {(line: string) => void} tell */
export async function prepare(tell) {
  requireTools("java", "mvn");
  if (existsSync(EMPTY)) return;
  rmSync(HOME, { recursive: true, force: true });
  tell("its distribution is downloaded (180 MB) and unpacked");
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack";
  const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
  mkdirSync(FOLDER, { recursive: true });
  // It leaves a folder of its own where it runs.
  await run("mvn", ["--batch-mode", "--quiet", goal, artifact, `-DoutputDirectory=${FOLDER}`], {
    cwd: FOLDER,
  });
  tell("it is built");
  await run("bash", [join(HOME, "bin/kc.sh"), "build", "--db=dev-file"], { stdout: "return" });
  tell("its database is made");
  const { stop } = await startAt(await freePort(), "master");
  await stop();
  cpSync(DATABASE, EMPTY, { recursive: true });
}

/**
 * With nothing but this realm in its database.
 *
 * @param {number} port
 * @param {{ realm: string }} realm
 */
export async function startWith(port, realm) {
  rmSync(DATABASE, { recursive: true, force: true });
  cpSync(EMPTY, DATABASE, { recursive: true });
  mkdirSync(IMPORT, { recursive: true });
  writeFileSync(join(IMPORT, "realm.json"), JSON.stringify(realm));
  return startAt(port, realm.realm);
}

/** @type {(port: number, realm: string) => Promise<import("../setup/program.js").Started>} */
export async function startAt(port, realm) {
  const script = join(HOME, "bin/kc.sh");
  const args = [script, "start", "--optimized", "--import-realm", `--http-port=${port}`];
  return startProgram("bash", [...args, "--cache=local", ...SETTINGS], {
    ready: `http://127.0.0.1:${port}/realms/${realm}/.well-known/openid-configuration`,
    log: join(FOLDER, "log"),
    env: ENVIRONMENT,
  });
}
