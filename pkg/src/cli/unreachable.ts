// Why a server cannot be reached.
import type { Finding } from "./check.js";

/** What to do about the system's own names for a failure. */
const FIXES: [pattern: RegExp, fix: (variable: string) => string][] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, (variable) => `check the host's name in ${variable}, and the DNS`],
  [/^ECONNREFUSED$/, (variable) => `start the server, or correct the port in ${variable}`],
  [/CERT|SELF_SIGNED|ISSUER_CERT/, () => "let Node trust the certificate: NODE_EXTRA_CA_CERTS"],
  [/TIMEOUT|TimeoutError/i, () => "check the network and firewalls between here and there"],
];

/**
 * @param variable the one that has the address
 * @param error what `fetch` threw; nothing of it is shown but the system's name for it
 */
export function unreachable(variable: string, origin: string, error: unknown): Finding {
  const name = nameOf(error);
  const [, fix] = FIXES.find(([pattern]) => pattern.test(name)) ?? [];
  return {
    status: "fail",
    message: `${origin} cannot be reached: ${name}`,
    fix: fix?.(variable) ?? `check the address in ${variable}, and that the server is up`,
    code: "network_failed",
    category: "unavailable",
  };
}

function nameOf(error: unknown): string {
  const { name, cause } = Object(error);
  const code: unknown = Object(cause).code ?? name;
  return typeof code === "string" && /^\w{1,40}$/.test(code) ? code : "no reason is given";
}
