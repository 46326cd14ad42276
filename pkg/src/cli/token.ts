// `edge-credentials token`: prints a token and nothing else.
import { AuthError, tokenSource } from "edge-credentials";
import { EXIT_CODES } from "./exit-codes.js";
import type { Io } from "./main.js";
import { inVariables, sourceOptions } from "./settings.js";
import type { Settings } from "./settings.js";

/** @returns The exit code */
export async function token(
  settings: Settings,
  { header = false }: { header?: boolean },
  { stdout, stderr }: Io,
): Promise<number> {
  try {
    const source = tokenSource(sourceOptions(settings));
    const text = header
      ? `Authorization: ${await source.authorization()}`
      : (await source.get()).accessToken;
    stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const { code, category, message, hint } = error;
    const more = "`npx edge-credentials doctor` checks it step by step";
    stderr.write(`${inVariables(message)} (${code}): ${inVariables(hint)}\n${more}\n`);
    return EXIT_CODES[category];
  }
}
