// Names of options that somebody mistyped.

/** The option that a name is meant to be: `clientID` and `client_id` are `clientId`. */
export function nearMiss(name: string, names: string[]): string | undefined {
  return names.find((known) => plainOf(known) === plainOf(name));
}

function plainOf(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}
