// `edge-credentials doctor`: runs the checks in order and prints what they find.
import { AuthError } from "edge-credentials";
import { failure, skipped } from "./check.js";
import type { Check, Examination, Finding } from "./check.js";
import { CHECKS } from "./checks/index.js";
import { mcp } from "./checks/mcp.js";
import { EXIT_CODES } from "./exit-codes.js";
import type { Io } from "./main.js";
import { jsonOf, lineOf } from "./report.js";
import { differingVariables } from "./settings.js";
import type { Settings } from "./settings.js";

interface Flags {
  "env-file"?: string[];
  json?: boolean;
  role?: string;
  mcp?: string;
}

/** @returns The exit code: that of the first problem */
export async function doctor(
  settings: Settings,
  flags: Flags,
  { env, stdout }: Io,
): Promise<number> {
  const { json = false, role } = flags;
  const colours = stdout.isTTY === true && stdout.hasColors?.() === true;
  const examination: Examination = {
    settings,
    differing: differingVariables(env, flags["env-file"]),
    role,
    mcp: flags.mcp,
    suspicions: [],
  };
  const findings = new Map<string, Finding>();
  const blocked = new Set<string>();

  for (const check of flags.mcp === undefined ? CHECKS : [...CHECKS, mcp]) {
    const finding = await runCheck(check, examination, blocked);
    findings.set(check.name, finding);
    if (!json) stdout.write(`${lineOf(check.name, finding, colours)}\n`);
  }

  const problem = [...findings.values()].find(({ status }) => status === "fail");
  const exitCode = problem ? EXIT_CODES[problem.category ?? "internal"] : 0;
  if (json) stdout.write(`${jsonOf(findings, exitCode)}\n`);
  return exitCode;
}

/** @param blocked the checks that failed, or could not run; this one is added if it is one of them */
async function runCheck(
  { name, needs = [], run }: Check,
  examination: Examination,
  blocked: Set<string>,
): Promise<Finding> {
  const missing = needs.find((need) => blocked.has(need));
  const finding = missing
    ? skipped(`cannot be checked: see ${missing}`)
    : await findingOf(run, examination);
  if (missing || finding.status === "fail") blocked.add(name);
  return finding;
}

async function findingOf(run: Check["run"], examination: Examination): Promise<Finding> {
  try {
    return await run(examination);
  } catch (error) {
    if (error instanceof AuthError) return failure(error);
    throw error;
  }
}
