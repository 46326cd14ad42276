// @ts-check
// The panel "Try it", as a person uses it: filling in, reading the request, copying, sending both
// ways, and what went wrong.
import assert from "node:assert/strict";
import test from "node:test";
import { buildTokenRequest, zitadel as own } from "edge-credentials";
import {
  assertAccessible,
  assertFits,
  assertQuiet,
  DEVICES,
  openPage,
  startPanels,
  tabTo,
} from "../support/page/page.js";

/** @typedef {import("playwright-core").Page} Page */

const REFUSED = /^Failed to load resource: .* status of 40[01] /;
const MASK = "••••••••";
const AWKWARD = `it's "$HOME" \`x\` 100% + & = \\ é`;

const { browser, context, worker, serve } = await startPanels();
const server = await serve({ context, worker });
const alone = await serve({ context });
const { "oidc-provider": embedded, zitadel } = context.servers;

/**
 * @type {(device?: import("../support/page/page.js").Device) => ReturnType<typeof openPage>} with
 *   the endpoint discovered
 */
async function open(device) {
  const opened = await openPage(browser, server.url, device);
  await opened.page.getByText("from the issuer's metadata").waitFor();
  return opened;
}

test("the embedded provider is filled in and discovered, its secret masked", async () => {
  const opened = await open();
  const { page } = opened;
  assert.deepEqual(
    [
      await page.inputValue("#issuer"),
      await page.inputValue("#client-id"),
      await page.inputValue("#client-secret"),
    ],
    [embedded.issuer, embedded.clientId, embedded.clientSecret],
  );
  assert.equal(await page.getAttribute("#client-secret", "type"), "password");
  const { url, headers, body } = buildTokenRequest(optionsOf(embedded));
  const wire = await page.innerText("#wire");
  for (const part of [
    `POST ${url}`,
    "accept: application/json",
    "content-type: application/x-www-form-urlencoded",
    `authorization: Basic ${MASK}`,
    body ?? "",
  ])
    assert.ok(wire.includes(part), `${part} in\n${wire}`);
  for (const text of [wire, await page.innerText(".request")])
    for (const secret of secretsOf(embedded)) assert.ok(!text.includes(secret), secret);

  await page.getByRole("button", { name: "Show the client secret" }).click();
  assert.ok((await page.innerText("#wire")).includes(`authorization: ${headers.authorization}`));
  assert.ok((await page.innerText("#curl")).includes(credentialsOf(headers)));
  assert.ok((await page.innerText("#fetch")).includes(headers.authorization));
  assert.ok((await page.innerText("#source")).includes(JSON.stringify(embedded.clientSecret)));
  await page.getByRole("button", { name: "Show the client secret" }).click();
  assert.ok(!(await page.innerText(".request")).includes(headers.authorization));
  await assertQuiet(opened);
  await opened.close();
});

test("the request follows every key; in the body the secret is masked as well", async () => {
  const opened = await open();
  const { page } = opened;
  await page.getByLabel("client_secret_post").check();
  await page.fill("#client-secret", AWKWARD);
  const { headers, body } = buildTokenRequest({
    ...optionsOf(embedded),
    clientSecret: AWKWARD,
    clientAuth: "client_secret_post",
  });
  assert.equal(headers.authorization, undefined);
  assert.ok((await page.innerText("#wire")).endsWith(`&client_secret=${MASK}`));
  for (const secret of secretsOf({ ...embedded, clientSecret: AWKWARD }))
    assert.ok(!(await page.innerText(".request")).includes(secret));
  await page.click("#client-secret-show");
  assert.ok((await page.innerText("#wire")).endsWith(body ?? "?"));

  await page.fill("#scope", "openid  one\ntwo");
  await page.fill("#resource", "https://api.example/");
  assert.match(
    await page.innerText("#wire"),
    /&scope=openid\+one\+two&resource=https%3A%2F%2Fapi\.example%2F/,
  );
  await assertQuiet(opened);
  await opened.close();
});

test("what is copied holds the secret only while it is shown", async () => {
  const opened = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = opened;
  const copied = async (/** @type {string} */ what) => {
    await page.getByRole("button", { name: `Copy ${what}` }).click();
    await page
      .locator("#try-it-status", { hasText: `${what} copied` })
      .waitFor({ state: "attached" });
    return page.evaluate(() => navigator.clipboard.readText());
  };
  for (const what of ["the curl command", "the fetch code", "the token source"]) {
    const text = await copied(what);
    for (const secret of secretsOf(embedded)) assert.ok(!text.includes(secret), text);
    assert.match(text, /CLIENT_SECRET/);
  }
  await page.click("#client-secret-show");
  const text = await copied("the curl command");
  assert.ok(
    text.includes(credentialsOf(buildTokenRequest(optionsOf(embedded)).headers)) &&
      !text.includes("CLIENT_SECRET"),
    text,
  );
  await assertQuiet(opened);
  await opened.close();
});

test("what the package refuses is said at the field, with code, category and hint", async () => {
  const opened = await open();
  const { page } = opened;
  /** @type {[id: string, value: string, message: RegExp, code: string][]} */
  const rows = [
    [
      "issuer",
      "acme.zitadel.cloud",
      /The issuer is not an absolute https address\./,
      "option_invalid",
    ],
    ["issuer", "http://acme.zitadel.cloud", /The issuer is http, which others/, "url_insecure"],
    ["client-id", "", /The client id is empty\./, "option_invalid"],
    ["client-secret", "", /The client secret is empty\./, "option_invalid"],
    ["scope", 'a"b', /A scope holds characters that it cannot\./, "option_invalid"],
    ["resource", "größe", /A resource holds characters that it cannot/, "option_invalid"],
  ];
  for (const [id, value, message, code] of rows) {
    const before = await page.inputValue(`#${id}`);
    await page.fill(`#${id}`, value);
    const error = page.locator(`#${id}-error .error`);
    assert.match(await error.innerText(), message, id);
    assert.match(await error.innerText(), new RegExp(`${code} misuse\\n`), id);
    assert.equal(await page.getAttribute(`#${id}`, "aria-invalid"), "true");
    assert.ok(
      (await page.locator("#no-request").isVisible()) && !(await page.locator("#wire").isVisible()),
      id,
    );
    await assertAccessible(page);
    await page.click("#send");
    assert.equal(
      await page.evaluate(() => document.activeElement?.id),
      id,
      "who sends it is taken to what is wrong",
    );
    await page.fill(`#${id}`, before);
    assert.equal(await error.count(), 0);
  }
  assert.ok(await page.locator("#wire").isVisible());
  await assertQuiet(opened);
  await opened.close();
});

test("the chips put ZITADEL's scopes in and take them out, and show what is there", async () => {
  const opened = await open();
  const { page } = opened;
  const chip = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true });
  const scopes = async () => (await page.inputValue("#scope")).split(" ");
  assert.deepEqual(await scopes(), ["openid", "profile", own.scopes.api()]);
  for (const [name, pressed] of [
    ["openid", "true"],
    ["api", "true"],
    ["roles", "false"],
  ])
    assert.equal(await chip(name).getAttribute("aria-pressed"), pressed, name);
  await chip("profile").click();
  await chip("roles").click();
  assert.deepEqual(await scopes(), ["openid", own.scopes.api(), own.scopes.roles()]);
  assert.ok((await page.innerText("#wire")).includes(encodeURIComponent(own.scopes.roles())));

  await chip("audience").click();
  assert.match(
    await page.innerText("#scopes .error"),
    /The value of a ZITADEL scope is empty.* option_invalid/s,
  );
  await page.keyboard.type("42"); // The focus is where the id is missing.
  assert.equal(await page.locator("#scopes .error").count(), 0);
  await chip("audience").click();
  assert.deepEqual((await scopes()).at(-1), own.scopes.audience("42"));
  await page.getByLabel("project id for audience").fill("43");
  assert.equal(await chip("audience").getAttribute("aria-pressed"), "true");
  await chip("audience").click();
  assert.ok(!(await scopes()).includes(own.scopes.audience("42")));
  await page.fill("#scope", own.scopes.metadata());
  assert.deepEqual(
    [
      await chip("metadata").getAttribute("aria-pressed"),
      await chip("openid").getAttribute("aria-pressed"),
    ],
    ["true", "false"],
  );
  await assertQuiet(opened);
  await opened.close();
});

for (const [way, label, sentence] of [
  ["browser", "from this browser", "Sent from this browser"],
  ["worker", "through the Worker", "Sent through the Worker"],
]) {
  test(`a token ${label}: raw and parsed; a refusal with code, category and hint`, async () => {
    const opened = await open();
    const { page } = opened;
    await page.getByLabel(label).check();
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("#to-look-inside").waitFor();
    const answer = await page.innerText("#answer");
    for (const part of [
      /opaque, 104 characters/,
      /Bearer/,
      /in 1[12] h/,
      /^200$/m,
      /"access_token": ?"/,
      new RegExp(sentence),
    ])
      assert.match(answer, part);
    assert.equal(await page.textContent("#try-it-status"), "A token came");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "send", "the focus stays");

    await page.selectOption("#server", "zitadel");
    await page.getByText("from the issuer's metadata").waitFor();
    await page.getByLabel(label).check();
    await page.fill("#client-secret", "wrong canary");
    await page.click("#send");
    await page.locator("#answer .error").waitFor();
    const refusal = await page.innerText("#answer");
    for (const part of [
      /The client secret is wrong/,
      /credentials_refused denied/,
      /The server says invalid_request: Errors\.User\.Machine\.Secret\.Invalid/,
      /^400$/m,
    ])
      assert.match(refusal, part);
    assert.doesNotMatch(refusal, /wrong canary/);
    await assertAccessible(page);
    await assertQuiet(opened, way === "browser" ? REFUSED : undefined);
    await opened.close();
  });
}

test("a server that is not there, either way", async () => {
  const opened = await open();
  const { page } = opened;
  await page.fill("#issuer", "http://127.0.0.1:9");
  assert.ok(await page.getByLabel("from this browser").isDisabled());
  assert.ok(await page.getByLabel("through the Worker").isChecked());
  assert.match(await page.innerText("#way-note"), /Content-Security-Policy/);
  assert.match(await page.innerText("#issuer-note"), /ZITADEL's path; the issuer was not asked/);
  await page.click("#discover");
  assert.match(
    await page.locator("#issuer-error .error").innerText(),
    /No answer from http:\/\/127\.0\.0\.1:9\. network_failed unavailable/,
  );
  await page.click("#send");
  assert.match(
    await page.locator("#answer .error").innerText(),
    /No answer from http:\/\/127\.0\.0\.1:9\. network_failed unavailable/,
  );
  await assertQuiet(opened);
  await opened.close();
});

test("without a Worker the page asks from the browser, and says so", async () => {
  const opened = await openPage(browser, alone.url);
  const { page } = opened;
  assert.ok(await page.getByLabel("through the Worker").isDisabled());
  assert.match(await page.innerText("#way-note"), /without its Worker/);
  await page.click("#send");
  await page.locator("#to-look-inside").waitFor();
  await assertQuiet(opened);
  await opened.close();
});

test("half an address of somebody else's is not asked for its metadata", async () => {
  const opened = await open();
  const { page } = opened;
  await page.fill("#issuer", "");
  await page.locator("#issuer").pressSequentially("https://acme.zitadel.cloud");
  await page.waitForTimeout(600); // Longer than the page waits in the typing.
  await page.fill("#issuer", zitadel.issuer);
  await page.getByText("from the issuer's metadata").waitFor();
  await assertQuiet(opened);
  await opened.close();
});

test("by the keyboard alone: a server, a scope, the way, the token", async () => {
  const opened = await open();
  const { page } = opened;
  await tabTo(page, "#server");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.inputValue("#issuer"), zitadel.issuer);
  await tabTo(page, "#client-secret-show");
  await page.keyboard.press("Space");
  assert.equal(await page.getAttribute("#client-secret", "type"), "text");
  await tabTo(page, "#scopes [aria-pressed=false]");
  await page.keyboard.press("Enter");
  assert.match(await page.inputValue("#scope"), /project:id:\d+:aud$/);
  await tabTo(page, "[name=way]");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "#send");
  await page.keyboard.press("Enter");
  await page.locator("#to-look-inside").waitFor();
  await tabTo(page, "#to-look-inside");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "token");
  assert.ok((await page.inputValue("#token")).length > 60);
  await assertQuiet(opened);
  await opened.close();
});

for (const [name, device] of Object.entries(DEVICES)) {
  test(`on ${name}: nothing wider than the screen, nothing that axe objects to`, async () => {
    const opened = await open(device);
    const { page } = opened;
    await page.click("#send");
    await page.locator("#to-look-inside").waitFor();
    await assertFits(page);
    await assertAccessible(page);
    await page.fill("#client-secret", "wrong");
    await page.click("#send");
    await page.locator("#answer .error").waitFor();
    await page.fill("#client-id", "");
    await assertFits(page);
    await assertAccessible(page);
    await assertQuiet(opened, REFUSED);
    await opened.close();
  });
}

/**
 * What the form starts with.
 *
 * @param {import("../suite/index.js").Server} server
 */
function optionsOf({ issuer, clientId, clientSecret }) {
  return {
    tokenEndpoint: `${issuer}/oauth/v2/token`,
    clientId,
    clientSecret,
    scope: ["openid", "profile", own.scopes.api()],
  };
}

/**
 * The secret in every form that the page could show.
 *
 * @param {{ clientId: string; clientSecret: string }} client
 */
function secretsOf({ clientId, clientSecret }) {
  const encoded = [clientId, clientSecret].map((value) =>
    new URLSearchParams({ "": value }).toString().slice(1),
  );
  return [
    clientSecret,
    encoded[1],
    encodeURIComponent(clientSecret),
    btoa(encoded.join(":")),
    JSON.stringify(clientSecret),
  ];
}

/**
 * As `curl -u` takes them.
 *
 * @param {Record<string, string>} headers
 */
function credentialsOf({ authorization }) {
  return atob(authorization.replace("Basic ", ""));
}
