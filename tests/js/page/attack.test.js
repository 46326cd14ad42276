// @ts-check
// Other sites in the same browser, against the test page: one on another port of this machine, one
// elsewhere, and one whose name was made to mean this machine. None may read what the page was
// given, nor have its server or its Worker ask anybody anything. And a server whose answers are
// markup.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test, { after } from "node:test";
import { startPageWorker } from "../../../scripts/demo/page-worker.js";
import { listen } from "../../../scripts/ports.js";
import { startPage } from "../../../www/server/page-server.js";
import { launchBrowser } from "../support/page/browser.js";
import { newContext } from "../support/page/page.js";
import { startZitadel } from "../support/zitadel/server.js";

const CANARY = "canary-4711";
const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=1</script><b>bold</b>';
const REBOUND = "rebound.example";

const [zitadel, worker] = await Promise.all([startZitadel(), startPageWorker()]);
const { tokenEndpoint, state, issuer } = zitadel;
const { clientId, clientSecret } = state;
const setting = { issuer, clientId, clientSecret: CANARY };
const page = await startPage({
  context: {
    vectors: { [CANARY]: { cases: [] } },
    servers: {},
    keys: /** @type {any} */ ({}),
    signed: { issuer: "a", audience: "b", tokens: [] },
  },
  settings: { zitadel: setting },
  worker,
});
const question = JSON.stringify({ tokenEndpoint, clientId, clientSecret, scope: ["openid"] });
const attacker = createServer((_, response) =>
  response
    .writeHead(200, { "content-type": "text/html" })
    .end("<!doctype html><title>attacker</title>"),
);
await listen(attacker, 0, "PAGE_PORT");
const { port } = /** @type {import("node:net").AddressInfo} */ (attacker.address());

const browser = await launchBrowser();
after(async () => {
  await browser.close();
  attacker.close();
  attacker.closeAllConnections();
  await once(attacker, "close");
  await Promise.all([page, worker, zitadel].map((one) => one.stop()));
});

const sites = {
  "on another port": "127.0.0.1",
  "on another port of another name of this machine": "localhost",
  elsewhere: "evil.example",
};
for (const [name, host] of Object.entries(sites)) {
  test(`a site ${name} reads nothing, and nothing is asked for it`, async () => {
    const before = zitadel.requests.length;
    const { shown, close } = await visit(`http://${host}:${port}/`);
    const read = await shown.evaluate(readAll, page.url);
    assert.ok(read.length > 10, "this test tried little");
    assert.doesNotMatch(read.join("\n"), new RegExp(CANARY));
    const answers = await shown.evaluate(askAll, {
      addresses: [`${page.url}worker/token`, `${worker.url}/token`],
      question,
      pass: "wrong",
    });
    assert.doesNotMatch(answers.join("\n"), /accessToken|access_token/);
    await shown.waitForTimeout(500);
    assert.deepEqual(zitadel.requests.slice(before), []);
    await close();
  });
}

test("a site whose name was made to mean this machine is not served", async () => {
  const before = zitadel.requests.length;
  const address = page.url.replace("127.0.0.1", REBOUND);
  const { shown, close } = await visit(address);
  assert.match(await shown.innerText("body"), /^this page answers only to names of this machine$/m);
  // To the browser it is the page's own origin.
  for (const path of ["", "context.json", "settings.json"])
    assert.equal(
      await shown.evaluate((url) => fetch(url).then(({ status }) => status), address + path),
      421,
      path,
    );
  const asked = await shown.evaluate(
    async ({ url, question }) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: question,
      });
      return [response.status, await response.text()];
    },
    { url: `${address}worker/token`, question },
  );
  assert.deepEqual(asked, [421, "this page answers only to names of this machine\n"]);
  const direct = worker.url.replace("127.0.0.1", REBOUND);
  await shown.goto(direct);
  const status = await shown.evaluate(
    ({ url, question }) =>
      fetch(url, { method: "POST", headers: { "x-pass": "" }, body: question }).then(
        ({ status }) => status,
      ),
    { url: `${direct}/token`, question },
  );
  assert.equal(status, 403);
  assert.deepEqual(zitadel.requests.slice(before), []);
  await close();
});

test("the page itself is served and may ask: above, it is the origin that is refused", async () => {
  const { shown, close } = await visit(page.url);
  const read = await shown.evaluate(readAll, page.url);
  assert.match(read.join("\n"), new RegExp(CANARY));
  const answers = await shown.evaluate(askAll, {
    addresses: [`${page.url}worker/token`],
    question,
    pass: "wrong",
  });
  assert.match(answers.join("\n"), /access_token/);
  await close();
});

test("what a hostile server answers is shown as text, and runs nothing", async () => {
  const { shown, close } = await visit(page.url);
  await shown.getByText("from the issuer's metadata").waitFor();
  await shown.fill("#client-secret", clientSecret);
  const token = { access_token: MARKUP, token_type: "Bearer", expires_in: 60, scope: MARKUP };
  const answers = [
    { status: 200, body: token },
    { status: 200, body: { ...token, token_type: MARKUP } },
    { status: 200, body: MARKUP },
    { status: 200, body: `{"__proto__":{"hidden":true},"access_token":"a"}` },
    {
      status: 400,
      body: { error: MARKUP, error_description: MARKUP, error_uri: "javascript:alert(1)" },
    },
    { status: 401, body: MARKUP },
    { status: 500, body: `\u202e${MARKUP}` },
  ];
  for (const way of ["from this browser", "through the Worker"]) {
    await shown.getByLabel(way).check();
    for (const answer of answers) {
      zitadel.script(answer);
      await shown.locator("#answer-body").evaluate((body) => body.replaceChildren());
      await shown.click("#send");
      await shown.locator("#answer-body pre", { hasText: String(answer.status) }).waitFor();
      const raw = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      assert.ok((await shown.textContent("#answer-body pre"))?.endsWith(`\n\n${raw}`), raw);
      assert.equal(
        await shown
          .locator("main :is(script, a[href^='javascript'], #answer img, #answer b)")
          .count(),
        0,
      );
      assert.equal(await shown.title(), "edge-credentials in this browser");
    }
  }
  await close();
});

/** @param {string} url */
async function visit(url) {
  const context = await newContext(browser);
  const shown = await context.newPage();
  await shown.goto(url);
  return { shown, close: () => context.close() };
}

/**
 * Every way in which a site can try to see what another serves; runs in the browser.
 *
 * @param {string} url
 * @returns {Promise<string[]>}
 */
async function readAll(url) {
  const read = [];
  for (const path of ["", "context.json", "settings.json", "main.js"]) {
    for (const mode of /** @type {const} */ (["cors", "no-cors"])) {
      read.push(
        await fetch(url + path, { mode, credentials: "include" }).then(
          (response) => response.text(),
          String,
        ),
      );
    }
    read.push(
      await new Promise((done) => {
        const script = document.createElement("script");
        script.addEventListener("load", () =>
          done(`a script: ${Object.keys(globalThis).slice(-3)}`),
        );
        script.addEventListener("error", () => done("no script"));
        script.src = url + path;
        document.head.append(script);
      }),
    );
    read.push(
      await new Promise((done) => {
        const frame = document.createElement("iframe");
        frame.addEventListener("load", () => {
          try {
            done(String(frame.contentDocument?.documentElement.textContent));
          } catch (error) {
            done(String(error));
          }
        });
        frame.src = url + path;
        document.body.append(frame);
      }),
    );
  }
  return read;
}

/**
 * Every way in which a site can send something to another; runs in the browser.
 *
 * @type {(options: {
 *   addresses: string[];
 *   question: string;
 *   pass: string;
 * }) => Promise<string[]>}
 */
async function askAll({ addresses, question, pass }) {
  const answers = [];
  for (const address of addresses) {
    for (const mode of /** @type {const} */ (["cors", "no-cors"])) {
      for (const headers of /** @type {Record<string, string>[]} */ ([
        {},
        { "content-type": "application/json" },
        { "content-type": "text/plain" },
        { "content-type": "application/json", "x-pass": pass },
      ])) {
        answers.push(
          await fetch(address, {
            method: "POST",
            mode,
            credentials: "include",
            headers,
            body: question,
          }).then((response) => response.text(), String),
        );
      }
    }
    for (const type of ["application/json", "text/plain"]) {
      try {
        navigator.sendBeacon(address, new Blob([question], { type }));
      } catch (error) {
        answers.push(String(error));
      }
    }
    const form = document.createElement("form");
    const field = document.createElement("input");
    const frame = document.createElement("iframe");
    // What a form sends as text is JSON as well, if its field is named and filled in so.
    field.name = question.replace(/\}$/, ',"x":"');
    field.value = '"}';
    frame.name = "answer";
    Object.assign(form, {
      method: "post",
      enctype: "text/plain",
      action: address,
      target: frame.name,
    });
    form.append(field);
    document.body.append(frame, form);
    form.submit();
  }
  return answers;
}
