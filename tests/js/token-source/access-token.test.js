// @ts-check
// Sources that give out one access token that is there already, such as a personal access token of
// ZITADEL's.
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { isExpired, timeLeft, tokenSource } from "edge-credentials";
import { startBoth } from "../support/http/api-server.js";
import { failure } from "../support/errors.js";

const PAT = "pat-c4nary_0123456789";
const { zitadel, api } = await startBoth();

test("nothing is asked for, and the token has no end", async () => {
  const source = tokenSource({ accessToken: PAT });
  const token = await source.get();
  assert.deepEqual(token, {
    accessToken: PAT,
    tokenType: "Bearer",
    scope: null,
    extra: {},
    obtainedAt: 0,
    expiresAt: null,
  });
  assert.equal(await source.authorization(), `Bearer ${PAT}`);
  assert.deepEqual([isExpired(token), timeLeft(token)], [false, Infinity]);
  assert.equal(tokenSource({ accessToken: PAT }), source);
  assert.notEqual(tokenSource({ accessToken: `${PAT}2` }), source);
  assert.throws(() => Reflect.set(token, "accessToken", "x") || assert.fail("frozen"), {
    message: "frozen",
  });
});

test("it goes to the origins that are named, and to no other", async () => {
  const calls = mock.fn(fetch);
  const source = tokenSource({ accessToken: PAT, allowedOrigins: [api.origin], apiFetch: calls });
  assert.equal(await (await source.fetch(`${api.origin}/x`)).text(), "fine");
  assert.equal(api.requests[0].headers.authorization, `Bearer ${PAT}`);
  for (const url of [zitadel.apiUrl, "https://api.example/"])
    await failure(() => source.fetch(url), "origin_refused");
  await failure(() => tokenSource({ accessToken: PAT }).fetch(api.origin), "origin_refused");
  assert.equal(calls.mock.callCount(), 1);
  await failure(
    () => tokenSource({ accessToken: PAT, allowedOrigins: ["http://api.example"] }),
    "url_insecure",
  );
  tokenSource({ accessToken: PAT, allowedOrigins: ["http://api.example"], insecureHttp: true });
});

test("a rejection changes nothing, and fetch hands the 401 back", async () => {
  api.answer = () => ({ status: 401, body: "no" });
  const events = mock.fn();
  const source = tokenSource({ accessToken: PAT, allowedOrigins: [api.origin], onEvent: events });
  source.invalidate(PAT);
  source.invalidate(await source.get());
  const response = await source.fetch(api.origin, { method: "POST", body: "b" });
  assert.deepEqual([response.status, await response.text()], [401, "no"]);
  assert.equal(api.requests.length, 1);
  assert.equal((await source.get()).accessToken, PAT);
  assert.equal(events.mock.callCount(), 0);
});

test("a signal that was aborted ends the call all the same", async () => {
  const source = tokenSource({ accessToken: PAT, allowedOrigins: [api.origin] });
  const signal = AbortSignal.abort("over");
  for (const run of [
    () => source.get({ signal }),
    () => source.authorization({ signal }),
    () => source.fetch(api.origin, { signal }),
  ]) {
    assert.equal(
      await run().then(
        () => "none",
        (reason) => reason,
      ),
      "over",
    );
  }
  assert.equal(api.requests.length, 0);
});

test("options that cannot be right are refused at once, and the token is not shown", async () => {
  const takes =
    "it takes accessToken, allowedOrigins, apiFetch, maxInstances, insecureHttp, name, onEvent";
  for (const [options, message, hint] of /** @type {[any, RegExp, string?][]} */ ([
    [
      { accessToken: PAT, issuer: zitadel.issuer },
      /^`issuer` is no option of tokenSource with `accessToken`$/,
      takes,
    ],
    [{ accessToken: PAT, clientId: "a", clientSecret: "b" }, /^`clientId` is no option/, takes],
    [{ accessToken: PAT, key: "x" }, /^`key` is no option/, takes],
    [{ accessToken: undefined }, /^`accessToken` is undefined: is the binding set\?$/],
    [{ accessToken: async () => PAT }, /^`accessToken` must be a string, not a function$/],
    [{ accessToken: "" }, /^the access token is empty$/],
    [{ accessToken: `${PAT}\n` }, /^the access token ends in a line break$/],
    [{ accessToken: `Bearer ${PAT}` }, /^the access token /],
    [{ accessToken: `${PAT}\u00fc` }, /^the access token /],
  ])) {
    const error = await failure(() => tokenSource(options), "option_invalid");
    assert.match(error.message, message);
    if (hint) assert.equal(error.hint, hint);
    assert.ok(!`${error.stack}${error.hint}`.includes("c4nary"), String(message));
  }
});
