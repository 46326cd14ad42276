// @ts-check
// The small Boot application, built by Maven.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "../../../scripts/run.js";
import { inTarget, requireTools } from "../setup/tools.js";

const FOLDER = join(root, "tests/servers/spring");
const POM = join(FOLDER, "pom.xml");
export const JAR = inTarget("spring", "server.jar");
/** Of Boot, which brings the server. */
export const [, VERSION = ""] =
  /<parent>[\s\S]*?<version>(.*?)<\/version>/.exec(readFileSync(POM, "utf8")) ?? [];

/** @param {(line: string) => void} tell */
export async function prepare(tell) {
  requireTools("java", "mvn");
  if (existsSync(JAR) && statSync(JAR).mtimeMs > newest()) return;
  tell("it is built");
  const target = `-Dtarget=${inTarget("spring")}`;
  await run("mvn", ["--batch-mode", "--quiet", "--file", POM, target, "package"]);
}

/** When a source was written last. */
function newest() {
  const names = readdirSync(join(FOLDER, "src"), { recursive: true, encoding: "utf8" });
  const sources = names.map((name) => join(FOLDER, "src", name));
  return Math.max(...[POM, ...sources].map((path) => statSync(path).mtimeMs));
}
