// @ts-check
// Client secrets: one that is not there yet, one that is a function and changes.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle } from "../support/clock.js";
import { rejections } from "../support/errors.js";
import { watch } from "../support/promises.js";
import { sourceFixture } from "../support/fixtures/token-source.js";

const HOUR = 3_600_000;

test("ZITADEL's Secret.NotExisting is retried for up to 3 s", async (t) => {
  const notYet = {
    status: 400,
    body: { error: "invalid_request", error_description: "Errors.User.Machine.Secret.NotExisting" },
  };
  const { source, server, events, tokenRequests } = sourceFixture(t);
  server.script.push(notYet, notYet);
  const caller = watch(source.get());
  await advance(2_000);
  assert.equal(caller.value?.accessToken, "token-1");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["retry", "retry", "fetch"],
  );

  const other = sourceFixture(t);
  other.server.always = notYet;
  const failing = watch(other.source.get());
  await advance(3_500);
  assert.deepEqual([failing.error?.code, failing.error?.category], ["secret_not_ready", "denied"]);
  const times = other.tokenRequests().map(({ at }) => at - other.tokenRequests()[0].at);
  assert.ok(times.length >= 3 && times.length <= 7 && Number(times.at(-1)) <= 3_000, times.join());
  assert.equal(tokenRequests().length, 3);
});

test("a secret that is a function is asked again after a refusal, and a changed one is tried at once", async (t) => {
  const secrets = ["old", "new"];
  let asked = 0;
  const { source, server, tokenRequests } = sourceFixture(t, {
    clientAuth: "client_secret_post",
    clientSecret: async () => {
      asked += 1;
      return secrets[0];
    },
  });
  await source.get();
  assert.equal(asked, 1);
  jump(HOUR);
  secrets.shift();
  server.script.push({ status: 401, body: { error: "invalid_client" } });
  const rotated = watch(source.get());
  await advance(50);
  assert.equal(rotated.value?.accessToken, "token-2");
  assert.deepEqual([asked, tokenRequests().length], [2, 3]);
  assert.deepEqual(
    tokenRequests().map(({ body }) => new URLSearchParams(body).get("client_secret")),
    ["old", "old", "new"],
  );

  jump(HOUR);
  server.script.push({ status: 401, body: { error: "invalid_client" } });
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, asked, tokenRequests().length], ["credentials_refused", 3, 4]);
});

test("a function `clientSecret` that asks its own source, or ends the wait, wedges nobody", async (t) => {
  let calls = 0;
  /** @type {ReturnType<typeof watch>} */
  let inner;
  const { source, tokenRequests } = sourceFixture(t, {
    clientSecret() {
      calls += 1;
      if (calls === 1) inner = watch(source.get());
      return "secret";
    },
  });
  const outer = watch(source.get());
  await advance(100);
  assert.equal(outer.value?.accessToken, "token-1");
  // @ts-expect-error it has been called
  assert.equal(inner.value, outer.value);
  assert.equal(tokenRequests().length, 1);

  const controller = new AbortController();
  const clientSecret = () => {
    controller.abort("enough");
    return "secret";
  };
  const other = sourceFixture(t, { clientSecret });
  const aborted = watch(other.source.get({ signal: controller.signal }));
  await advance(100);
  assert.equal(aborted.error, "enough");
});

test("a secret that comes too late is not sent, and does not replace a newer one", async (t) => {
  /** @type {((secret: string) => void)[]} */
  const give = [];
  const { source, tokenRequests } = sourceFixture(t, {
    clientAuth: "client_secret_post",
    clientSecret: () => new Promise((done) => give.push(done)),
  });
  const caller = watch(source.get());
  await advance(11_500);
  assert.equal(give.length, 2, "the first attempt has ended, and another asks");
  give[1]("new");
  await settle();
  give[0]("old");
  await settle();
  assert.equal(caller.value?.accessToken, "token-1");
  jump(HOUR);
  await source.get();
  assert.deepEqual(
    tokenRequests().map(({ body }) => new URLSearchParams(body).get("client_secret")),
    ["new", "new"],
  );
});
