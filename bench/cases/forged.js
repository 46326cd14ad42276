// @ts-check
// What a forged token costs an API that is as long as tokens may be.
import { Stop } from "../../scripts/run.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { ALGORITHMS, makeKey, makeToken, readyVerifier } from "../support/issuer.js";
import { callsOf, interleave, ratios } from "../support/measure.js";

/** The time of a forged token over that of a good one, at most. */
const TARGET = 1;
/** The longest accepted token, in characters. */
const LONGEST = 65_536;

const ABOUT =
  "Tokens of 64 KiB, the longest that are looked at, given to `tokenVerifier.verify` with the " +
  "keys in hand, each once. A good one has many roles, as ZITADEL writes them. A forged one is " +
  "signed by another key of the same kind: one has the same claims, the other\n" +
  "as many empty lists as fit, which cost most to parse. Whoever forges tokens chooses their " +
  "length, so that a good one of the usual length, which no target counts, stands beside them.";

/** @typedef {import("../support/issuer.js").Algorithm} Algorithm */
/** @typedef {import("../../tests/js/support/keys/jwt.js").Key} Key */
/** @typedef {(count: number) => Record<string, unknown>} Claims as many members as are wanted */

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const plan = isQuick ? { rounds: 3, warmUp: 1, calls: 10 } : { rounds: 21, warmUp: 4, calls: 60 };
  const tables = [];
  /** @type {import("../report/report.js").Target[]} */
  const targets = [];

  for (const algorithm of ALGORITHMS) {
    const times = await measure(algorithm, plan);
    const names = {
      good: `${algorithm}: good, 64 KiB`,
      forged: `${algorithm}: forged, 64 KiB, the same claims`,
      lists: `${algorithm}: forged, 64 KiB of lists`,
      usual: `${algorithm}: good, of the usual length`,
    };
    tables.push(timesTable(times, { names, over: { "over the good one": "good" } }));

    const same = ratios(times.forged, times.good);
    const lists = ratios(times.lists, times.good);
    const worst = same.median > lists.median ? same : lists;
    targets.push(ratioTarget(`forged 64 KiB token over a good one, ${algorithm}`, worst, TARGET));
  }
  return { title: "A forged token of 64 KiB", about: ABOUT, tables, targets };
}

/**
 * @type {(
 *   algorithm: Algorithm,
 *   plan: import("../support/measure.js").Plan,
 * ) => Promise<Record<"good" | "forged" | "lists" | "usual", number[]>>}
 */
async function measure(algorithm, plan) {
  const key = makeKey(algorithm);
  const otherKey = { ...makeKey(algorithm), kid: key.kid };
  const { verify, asked } = await readyVerifier(key);
  const count = callsOf(plan);
  const tokens = {
    good: longTokens(key, rolesOf, count),
    forged: longTokens(otherKey, rolesOf, count),
    lists: longTokens(otherKey, listsOf, count),
    usual: Array.from({ length: count }, () => makeToken(key)),
  };

  const taken = { good: 0, usual: 0 };
  const refused = { forged: 0, lists: 0 };
  const take = async (/** @type {keyof typeof taken} */ name) => {
    await verify(tokens[name][taken[name]]);
    taken[name] += 1;
  };
  const refuse = async (/** @type {keyof typeof refused} */ name) => {
    try {
      await verify(tokens[name][refused[name]]);
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error);
      if (code !== "token_invalid") throw error;
      refused[name] += 1;
    }
  };

  const times = await interleave(
    {
      good: async (calls) => {
        for (let i = 0; i < calls; i++) await take("good");
      },
      forged: async (calls) => {
        for (let i = 0; i < calls; i++) await refuse("forged");
      },
      lists: async (calls) => {
        for (let i = 0; i < calls; i++) await refuse("lists");
      },
      usual: async (calls) => {
        for (let i = 0; i < calls; i++) await take("usual");
      },
    },
    plan,
  );
  const counts = { ...taken, ...refused };
  if (Object.values(counts).some((each) => each !== count))
    throw new Stop(`a token was judged wrong: ${JSON.stringify(counts)} of ${count} are right`);
  // Once, and once in a while after a bad signature: the issuer may have another key by now.
  if (asked() > 5) throw new Stop(`the issuer was asked ${asked()} times for its keys`);
  return times;
}

/**
 * Tokens as long as they may be, and all different.
 *
 * @type {(key: Key, claimsOf: Claims, count: number) => string[]}
 */
function longTokens(key, claimsOf, count) {
  const short = makeToken(key, claimsOf(100)).length;
  const perMember = (makeToken(key, claimsOf(1_100)).length - short) / 1_000;
  // Less two, since base64url rounds.
  const members = 100 + Math.floor((LONGEST - short) / perMember) - 2;
  const claims = claimsOf(members);

  const tokens = Array.from({ length: count }, () => makeToken(key, claims));
  const { length } = tokens[0];
  if (length > LONGEST || length < LONGEST * 0.98)
    throw new Stop(`a token of ${length} characters was made, not one of about ${LONGEST}`);
  return tokens;
}

/** @type {Claims} */
function rolesOf(count) {
  const names = Array.from({ length: count }, (_, i) => `role-${String(i).padStart(4, "0")}`);
  const id = "317905284016571149";
  const organization = { [id]: "acme.zitadel.cloud" };
  const roles = Object.fromEntries(names.map((name) => [name, organization]));
  return { "urn:zitadel:iam:org:project:317905284016571148:roles": roles };
}

/** @type {Claims} */
function listsOf(count) {
  return { filler: Array.from({ length: count }, () => []) };
}
