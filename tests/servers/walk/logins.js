// @ts-check
// Every way to log in, and the refusals.
import { shapeOf } from "./observe.js";
import { outcomeOf } from "./step.js";

/** @typedef {import("./types.js").Case} Case */
/** @typedef {import("./types.js").Running} Running */

/** All that a key signs with. */
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];

const LOGINS = [
  "client_secret_basic",
  "client_secret_post",
  "client_secret_jwt",
  ...ALGORITHMS.map((algorithm) => `private_key_jwt ${algorithm}`),
  ...ALGORITHMS.map((algorithm) => `JWT profile ${algorithm}`),
];

/** @type {(running: Running) => Case[]} */
export function logins({ logins, usual }) {
  const known = logins[usual];
  const secret = { clientSecret: "wrong" };
  return [
    ...LOGINS.map((name) => login(name, logins[name])),
    refusal("wrong secret, client_secret_basic", logins.client_secret_basic, secret),
    refusal("wrong secret, client_secret_post", logins.client_secret_post, secret),
    refusal("unknown client", "clientSecret" in known ? known : undefined, {
      clientId: "unknown-client",
    }),
    refusal("wrong scope", known, { scope: "no-such-scope" }, "scope_refused"),
  ];
}

/** @type {(name: string, login: import("./types.js").Login | undefined) => Case} */
function login(name, login) {
  return {
    name,
    expected: "token",
    known: login !== undefined,
    async run({ source, note }) {
      const token = source(login ?? {}).get();
      const outcome = await outcomeOf(token, "token");
      if (outcome === "token") note(shapeOf((await token).accessToken));
      return outcome;
    },
  };
}

/**
 * @type {(
 *   name: string,
 *   login: import("./types.js").Login | undefined,
 *   change: import("./types.js").Login,
 *   expected?: string,
 * ) => Case}
 */
function refusal(name, login, change, expected = "credentials_refused") {
  return {
    name,
    expected,
    known: login !== undefined,
    run: ({ source }) => outcomeOf(source({ ...login, ...change }).get(), "token"),
  };
}
