// Names of options that somebody mistyped.

/** The option that a name is meant to be: `clientID`, `client_id` and `clientIdd` are `clientId`. */
export function nearMiss(name: string, names: string[]): string | undefined {
  const plain = plainOf(name);
  return (
    names.find((known) => plainOf(known) === plain) ?? names.find((known) => isNear(plain, known))
  );
}

function plainOf(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

/** Whether one letter is missing, too many or another, or two are swapped. */
function isNear(plain: string, known: string): boolean {
  const other = plainOf(known);
  const [longer, shorter] = plain.length > other.length ? [plain, other] : [other, plain];
  if (shorter.length < 3 || longer.length - shorter.length > 1) return false;
  let start = 0;
  while (start < shorter.length && longer[start] === shorter[start]) start += 1;
  const rest = longer.slice(start + 1);
  const left = shorter.slice(start);
  if (rest === left || rest === left.slice(1)) return true;
  return (
    left[0] === longer[start + 1] && left[1] === longer[start] && left.slice(2) === rest.slice(1)
  );
}
