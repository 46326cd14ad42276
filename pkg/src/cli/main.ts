// The commands: `doctor` and `token`.
import { parseArgs } from "node:util";
import { doctor } from "./doctor.js";
import { EXIT_CODES } from "./exit-codes.js";
import { DOCTOR_HELP, HELP, TOKEN_HELP } from "./help.js";
import { readSettings, SettingsError } from "./settings.js";
import { token } from "./token.js";

/** Where a command reads variables and writes. */
export interface Io {
  env: Record<string, string | undefined>;
  stdout: Output;
  stderr: Output;
}

/** A stream; a terminal tells whether it has colours. */
export interface Output {
  write: (text: string) => unknown;
  isTTY?: boolean;
  hasColors?: () => boolean;
}

const COMMON = {
  "env-file": { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;

const COMMANDS = {
  doctor: {
    help: DOCTOR_HELP,
    options: {
      ...COMMON,
      json: { type: "boolean" },
      role: { type: "string" },
      mcp: { type: "string" },
    },
    run: doctor,
  },
  token: {
    help: TOKEN_HELP,
    options: { ...COMMON, header: { type: "boolean" } },
    run: token,
  },
} as const;

/** @returns The exit code */
export async function run(args: string[], io: Io): Promise<number> {
  const [name = "", ...rest] = args;
  if (name === "--help" || name === "-h") {
    io.stdout.write(HELP);
    return 0;
  }
  if (name !== "doctor" && name !== "token") {
    return refuse(io, name === "" ? "no command is given" : "there is no such command", HELP);
  }

  const { help, options, run: command } = COMMANDS[name];
  const flags = readFlags(rest, options);
  // Node's message quotes the argument, which may be a secret.
  if (!flags) return refuse(io, "there is no such option, or it lacks its value", help);
  if (flags.help) {
    io.stdout.write(help);
    return 0;
  }
  try {
    return await command(readSettings(io.env, flags["env-file"]), flags, io);
  } catch (error) {
    if (error instanceof SettingsError) return refuse(io, error.message, "");
    throw error;
  }
}

interface Flags {
  "env-file"?: string[];
  help?: boolean;
  json?: boolean;
  header?: boolean;
  role?: string;
  mcp?: string;
}

function readFlags(
  args: string[],
  options: Record<string, { type: "boolean" | "string"; multiple?: boolean }>,
): Flags | undefined {
  try {
    return parseArgs({ args, options }).values as Flags;
  } catch {
    return undefined;
  }
}

function refuse({ stderr }: Io, reason: string, help: string): number {
  stderr.write(`edge-credentials: ${reason}\n${help && `\n${help}`}`);
  return EXIT_CODES.misuse;
}
