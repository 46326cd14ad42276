// @ts-check
// What changes while programs run: the secret, the keys, and the server itself.
import { AuthError } from "edge-credentials";
import { outcomeOf } from "./step.js";

/** @typedef {import("./types.js").Case} Case */
/** @typedef {import("./types.js").Running} Running */

/** Longer than a source and a verifier wait before they ask again. */
const PATIENCE = 40_000;

/** They come last, since nothing is afterwards as it was. @type {(running: Running) => Case[]} */
export function rotation(running) {
  return [secrets(running), keys(running), restart(running)];
}

/** @type {(running: Running) => Case} */
function secrets({ logins, usual, signed, introspected, rotateSecret }) {
  return {
    name: "the secret rotates",
    expected: "token, then token",
    known: rotateSecret !== undefined,
    async run({ source: start }) {
      const login = logins[usual];
      const source = start({ ...login, clientSecret: () => login.clientSecret });
      const token = await source.get();
      const clientSecret = await rotateSecret?.();
      for (const one of [...Object.values(logins), ...Object.values(signed), introspected?.login])
        if (one && one.clientId === login.clientId) Object.assign(one, { clientSecret });
      source.invalidate(token);
      return `token, then ${await patiently(() => source.get(), "token")}`;
    },
  };
}

/** @type {(running: Running) => Case} */
function keys({ signed, verifier: options, rotateKeys }) {
  const [login] = Object.values(signed);
  return {
    name: "the keys rotate",
    expected: "accepted, then accepted at once, the older one accepted",
    known: rotateKeys !== undefined && login !== undefined,
    async run({ source, verifier: start }) {
      const verifier = start(options);
      const older = await source(login).get();
      const before = await outcomeOf(verifier.verify(older.accessToken), "accepted");
      await rotateKeys?.();
      const newer = await source(login).get();
      const after = await outcomeOf(verifier.verify(newer.accessToken), "accepted at once");
      const again = await outcomeOf(start(options).verify(older.accessToken), "accepted");
      if (kidOf(newer.accessToken) === kidOf(older.accessToken)) return "no other key";
      return `${before}, then ${after}, the older one ${again}`;
    },
  };
}

/** @type {(running: Running) => Case} */
function restart({ logins, usual, signed, verifier: options, down, up }) {
  const [login] = Object.values(signed);
  return {
    name: "the server restarts",
    expected: "unavailable, then token, accepted",
    known: down !== undefined && up !== undefined,
    async run({ source: start, verifier: startVerifier }) {
      const source = start(logins[usual]);
      const verifier = startVerifier(options);
      const token = await source.get();
      if (login) await verifier.verify((await start(login).get()).accessToken);
      await down?.();
      source.invalidate(token);
      const dead = await categoryOf(source.get());
      await up?.();
      const again = await patiently(() => source.get(), "token");
      if (!login) return `${dead}, then ${again}`;
      // Some make their keys anew before the first JWT, which takes as long as it takes.
      const signing = start(login);
      await patiently(() => signing.get(), "token");
      const { accessToken } = await signing.get();
      const verified = await patiently(() => verifier.verify(accessToken), "accepted");
      return `${dead}, then ${again}, ${verified}`;
    },
  };
}

/**
 * The outcome after as many attempts as are worth it: an error says when.
 *
 * @type {(attempt: () => Promise<unknown>, word: string) => Promise<string>}
 */
async function patiently(attempt, word) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const outcome = await outcomeOf(attempt(), word);
    if (outcome === word || Date.now() > deadline) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @param {Promise<unknown>} promise */
async function categoryOf(promise) {
  const error = await promise.catch((error) => error);
  return error instanceof AuthError ? error.category : "token";
}

/** @param {string} token */
function kidOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString()).kid;
}
