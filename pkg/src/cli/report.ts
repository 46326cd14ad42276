// How findings are printed: one line each, or all as JSON.
import { styleText } from "node:util";
import type { Finding } from "./check.js";
import { FAULTS } from "./exit-codes.js";

const COLOURS = { ok: "green", warn: "yellow", fail: "red", skip: "gray" } as const;

export function lineOf(name: string, finding: Finding, colours: boolean): string {
  const { status, message, code, fix } = finding;
  const word = status.padEnd(4);
  const shown = colours ? styleText(COLOURS[status], word, { validateStream: false }) : word;
  const parts = [code ? `${message} (${code})` : message];
  if (status === "fail") parts.push(`fault: ${faultOf(finding)}`);
  if (fix) parts.push(`fix: ${fix}`);
  return `${shown}  ${name.padEnd(9)}  ${parts.join("; ")}`;
}

export function jsonOf(findings: Map<string, Finding>, exitCode: number): string {
  const checks = Array.from(findings, ([name, finding]) => {
    const { status, message, code, category, fix } = finding;
    const fault = status === "fail" ? faultOf(finding) : undefined;
    return { name, status, message, code, category, fault, fix };
  });
  return JSON.stringify({ ok: exitCode === 0, exitCode, checks }, null, 2);
}

function faultOf({ category = "internal", fault = category }: Finding): string {
  return FAULTS[fault];
}
