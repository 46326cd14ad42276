// @ts-check
// What a walk found, beside what was expected and what was recorded.

/** @typedef {import("./walk/types.js").Server} Server */
/** @typedef {import("./walk/types.js").Result} Result */
/** @typedef {{ version: string; cases: Record<string, Result> }} Recorded */
/** @typedef {Awaited<ReturnType<typeof import("./walk/walk.js").walk>>} Results */

/**
 * Each problem is a line, by the name of its case.
 *
 * @type {(server: Server, results: Results) => Map<string, string>}
 */
export function problemsOf({ lacks, differs }, results) {
  /** @type {Map<string, string>} */
  const problems = new Map();
  const reasons = new Set(Object.keys(lacks));
  const names = [...results.keys()];
  for (const [name, { known, expected, outcome }] of results) {
    const reason = reasonFor(name, lacks);
    const wanted = differs[name]?.outcome ?? expected;
    if (!known && reason === undefined) problems.set(name, "is not walked, and nothing says why");
    if (known && reason !== undefined) problems.set(name, `is walked, though "${lacks[reason]}"`);
    if (known && outcome !== wanted) problems.set(name, `${outcome}, instead of ${wanted}`);
  }
  for (const name of [...reasons, ...Object.keys(differs)])
    if (!names.some((one) => one.startsWith(name))) problems.set(name, "there is no such case");
  return problems;
}

/** @type {(name: string, lacks: Record<string, string>) => string | undefined} */
export function reasonFor(name, lacks) {
  return Object.keys(lacks).find((begin) => name.startsWith(begin));
}

/**
 * What was walked, as it is recorded.
 *
 * @type {(server: Server, results: Results) => Recorded}
 */
export function toRecord({ version }, results) {
  const walked = [...results].filter(([, { known }]) => known);
  return {
    version,
    cases: Object.fromEntries(
      walked.map(([name, { outcome, answers }]) => [name, { outcome, answers }]),
    ),
  };
}

/**
 * Lines about what is no longer as it was recorded, by the name of the case.
 *
 * @type {(recorded: Recorded, now: Recorded) => Map<string, string[]>}
 */
export function changesOf(recorded, now) {
  /** @type {Map<string, string[]>} */
  const changes = new Map();
  if (recorded.version !== now.version)
    changes.set("version", [`was ${recorded.version}`, `is  ${now.version}`]);
  for (const name of new Set([...Object.keys(recorded.cases), ...Object.keys(now.cases)])) {
    const [was, is] = [recorded, now].map(({ cases }) => linesOf(cases[name]));
    if (was.join("\n") === is.join("\n")) continue;
    changes.set(name, [
      ...was.filter((line) => !is.includes(line)).map((line) => `was ${line}`),
      ...is.filter((line) => !was.includes(line)).map((line) => `is  ${line}`),
    ]);
  }
  return changes;
}

/** @param {Result | undefined} result */
function linesOf(result) {
  return result ? [`=> ${result.outcome}`, ...result.answers] : ["not walked"];
}
