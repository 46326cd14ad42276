// The variables that the commands read, and the options that they make.
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { TokenSourceOptions } from "edge-credentials";

/** The name of each variable. */
export const VARIABLES = {
  issuer: "ISSUER",
  clientId: "CLIENT_ID",
  clientSecret: "CLIENT_SECRET",
  keyFile: "KEY_FILE",
  scope: "SCOPE",
  resource: "RESOURCE",
  audience: "AUDIENCE",
  projectId: "PROJECT_ID",
  apiClientId: "API_CLIENT_ID",
  apiClientSecret: "API_CLIENT_SECRET",
  apiUrl: "API_URL",
} as const;

/** Values of variables. One that is empty is missing, but for the scope. */
export type Settings = Partial<Record<keyof typeof VARIABLES, string>>;

/** A mistake that leaves nothing to check. Its message holds no value of a variable. */
export class SettingsError extends Error {}

/** ZITADEL requires a scope, and any OpenID Connect server knows this one. */
const DEFAULT_SCOPE = "openid";

const MAX_PATH = 4_096;

/**
 * Reads the variables.
 *
 * @param files replace what the environment says, the last one first: a file that was named is the
 *   one to look at
 * @throws {SettingsError} if a file cannot be read
 */
export function readSettings(
  env: Record<string, string | undefined>,
  files: string[] = [],
): Settings {
  const all = Object.assign({}, env, ...files.map(readFile));
  const settings: Settings = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value: string | undefined = all[variable];
    const isSet = value !== undefined && (value !== "" || name === "scope");
    if (isSet) settings[name as keyof Settings] = value;
  }
  const { keyFile } = settings;
  return keyFile === undefined ? settings : { ...settings, keyFile: keyFileOf(keyFile) };
}

/**
 * The variables that have several values, and where these stand: "ISSUER in a.env and b.env".
 *
 * @throws {SettingsError} if a file cannot be read
 */
export function differingVariables(
  env: Record<string, string | undefined>,
  files: string[] = [],
): string[] {
  const sources = [
    { name: "the environment", values: env },
    ...files.map((path) => ({ name: path, values: readFile(path) })),
  ];
  return Object.values(VARIABLES).flatMap((variable) => {
    const having = sources.filter(({ values }) => values[variable] !== undefined);
    const isOne = new Set(having.map(({ values }) => values[variable])).size < 2;
    return isOne ? [] : [`${variable} in ${having.map(({ name }) => name).join(" and ")}`];
  });
}

/** A key file's text; a program may take its path instead. */
function keyFileOf(value: string): string {
  const isText = value.startsWith("{") || value.includes("-----BEGIN");
  if (isText || value.length > MAX_PATH) return value;
  try {
    return readFileSync(value, "utf8");
  } catch {
    return value; // No path either: the check of the key file says so.
  }
}

function readFile(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (error) {
    const { code = "it cannot be parsed" } = error as NodeJS.ErrnoException;
    throw new SettingsError(`cannot read the file of --env-file: ${code}`);
  }
}

/** A service user's key file says whose it is: the JWT profile has no client. */
export function isServiceUsersKey(keyFile: string | undefined): boolean {
  return memberOf(keyFile, "type") === "serviceaccount";
}

/** A text member of a key file, if it is one. */
export function memberOf(keyFile: string | undefined, name: string): string | undefined {
  try {
    const value: unknown = Object(JSON.parse(keyFile ?? ""))[name];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined; // PEM, or nothing that can be read: other checks say so.
  }
}

/** The options of the token source. A secret goes before a key. */
export function sourceOptions(settings: Settings): TokenSourceOptions {
  const { issuer, clientId, clientSecret, keyFile, resource } = settings;
  const { scope = DEFAULT_SCOPE } = settings;
  const byKey = clientSecret === undefined && keyFile !== undefined;
  const isClient = clientId !== undefined && !(byKey && isServiceUsersKey(keyFile));
  const options = {
    ...(issuer !== undefined && { issuer }),
    ...(isClient && { clientId }),
    ...(byKey ? { key: keyFile } : clientSecret !== undefined && { clientSecret }),
    ...(scope !== "" && { scope }),
    ...(resource !== undefined && { resource }),
  };
  return options as TokenSourceOptions;
}

/** The scopes that are asked for. */
export function askedScopes({ scope = DEFAULT_SCOPE }: Settings): string[] {
  return scope.split(" ").filter(Boolean);
}

/** What of the settings is secret. */
export function secretsOf({ clientSecret, keyFile, apiClientSecret }: Settings): string[] {
  const key = memberOf(keyFile, "key");
  return [clientSecret, keyFile, key, apiClientSecret].filter((text) => text !== undefined);
}

/** Names the variables where a text of the package names its options. */
export function inVariables(text: string, names: Record<string, string> = OPTIONS): string {
  return text.replaceAll(/`(\w+)`/g, (quoted, name: string) => names[name] ?? quoted);
}

const OPTIONS: Record<string, string> = { ...VARIABLES, key: VARIABLES.keyFile };
