// What a check is, and what it finds.
import type { AuthError, ErrorCategory, ErrorCode, Metadata } from "edge-credentials";
import { inVariables } from "./settings.js";
import type { Settings } from "./settings.js";

export interface Check {
  name: string;
  /** the checks without which this one is useless */
  needs?: string[];
  run: (examination: Examination) => Finding | Promise<Finding>;
}

/** What the checks know, and what they find out for each other. */
export interface Examination {
  settings: Settings;
  /** the variables whose values differ between the environment and the files */
  differing: string[];
  /** the role that the API requires */
  role: string | undefined;
  /** the address of an MCP server */
  mcp?: string | undefined;
  /** what may be why the server refuses the credentials */
  suspicions: Suspicion[];
  /** of the issuer */
  metadata?: Metadata;
  /** the answer's `date` and ours, ms */
  clock?: { theirs: number | undefined; ours: number };
  /** the token, and its claims if it is a JWT; nobody has verified them */
  token?: { text: string; scope: string | null; claims: Claims | undefined };
}

export type Claims = Record<string, unknown>;

export interface Suspicion {
  cause: string;
  fix: string;
}

export interface Finding {
  status: "ok" | "warn" | "fail" | "skip";
  /** holds no secret and no token */
  message: string;
  fix?: string;
  code?: ErrorCode;
  /** decides the exit code */
  category?: ErrorCategory;
  /** whose fault it is, if that is not what the category says */
  fault?: ErrorCategory;
}

export function ok(message: string): Finding {
  return { status: "ok", message };
}

export function skipped(message: string): Finding {
  return { status: "skip", message };
}

/** Something that may be wrong. */
export function warning(message: string, fix: string): Finding {
  return { status: "warn", message, category: "misuse", fix };
}

/** A mistake that the package does not know of. */
export function mistake(message: string, fix: string): Finding {
  return { status: "fail", message, category: "misuse", fix };
}

/** What the package threw: its message and its hint hold no secret. */
export function failure(
  { code, category, message, hint, error, errorDescription }: AuthError,
  fix: string = hint,
  names?: Record<string, string>,
): Finding {
  const words = [error, errorDescription].filter(Boolean).join(": ");
  const said = words && !message.includes(words) ? `; the server says "${words}"` : "";
  return {
    status: "fail",
    message: `${inVariables(message, names)}${said}`,
    fix: inVariables(fix, names),
    code,
    category,
  };
}

/** A warning that is kept, to be named as the cause if the server refuses the credentials. */
export function suspect({ suspicions }: Examination, cause: string, fix: string): Finding {
  suspicions.push({ cause, fix });
  return warning(cause, fix);
}
