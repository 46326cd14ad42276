// @ts-check
// What a token costs that was seen before.
import { Stop } from "../../scripts/run.js";
import { checkVerifier, makeKey, makeToken, OPAQUE, readyVerifier } from "../support/issuer.js";
import { interleave, ratios } from "../support/measure.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { joseVerifier } from "../support/verifiers.js";

/** Our time over jose's, at most. */
const TARGET = 0.05;
const ABOUT =
  "The same token again and again, with the keys in hand. `tokenVerifier` remembers what it " +
  "has verified, for five minutes at most and while its key is in the set, and what it was told " +
  "of an opaque token, for a minute; jose's `jwtVerify` remembers nothing,\n" +
  "and verifies the JWT each time. It is signed by RS256, which is verified fastest.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const key = makeKey("RS256");
  const { verify, asked } = await readyVerifier(key);
  const jose = joseVerifier(key.jwk);
  await checkVerifier("edge-credentials", verify, key);
  await checkVerifier("jose", jose, key);
  const token = makeToken(key);
  const first = { jwt: await verify(token), opaque: await verify(OPAQUE) };
  const request = new Request("https://api.example/things", {
    headers: { authorization: `Bearer ${token}` },
  });

  const before = asked();
  const times = await interleave(
    {
      jwt: async (calls) => {
        for (let i = 0; i < calls; i++) await verify(token);
      },
      request: async (calls) => {
        for (let i = 0; i < calls; i++) await verify(request);
      },
      opaque: async (calls) => {
        for (let i = 0; i < calls; i++) await verify(OPAQUE);
      },
      jose: async (calls) => {
        for (let i = 0; i < calls; i++) await jose(token);
      },
    },
    isQuick ? { rounds: 3, warmUp: 1, calls: 100 } : { rounds: 21, warmUp: 3, calls: 3_000 },
  );
  const count = asked() - before;
  const isKnown = (await verify(token)) === first.jwt && (await verify(request)) === first.jwt;
  if (count !== 0 || !isKnown)
    throw new Stop(`the JWT was not known, or the issuer was asked: ${count} times`);
  if ((await verify(OPAQUE)) !== first.opaque || first.opaque.active !== true)
    throw new Stop("the opaque token was not known");

  return {
    title: "A token seen before",
    about: ABOUT,
    tables: [
      timesTable(times, {
        names: {
          jwt: "edge-credentials `verify(token)`, a JWT",
          request: "edge-credentials `verify(request)`, the JWT in its header",
          opaque: "edge-credentials `verify(token)`, an opaque token that was introspected",
          jose: "jose `jwtVerify`",
        },
        over: { "over jose": "jose" },
      }),
    ],
    targets: [
      ratioTarget("known JWT over jose", ratios(times.jwt, times.jose), TARGET),
      ratioTarget("known opaque token over jose's JWT", ratios(times.opaque, times.jose), TARGET),
    ],
  };
}
