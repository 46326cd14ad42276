// @ts-check
// The panel "Look inside": tokens of every kind, the signature, the roles, what the issuer says;
// and what is no token at all.
import assert from "node:assert/strict";
import test from "node:test";
import { jwt, makeKey } from "../support/keys/jwt.js";
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
const MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>';

const { browser, context, worker, serve } = await startPanels();
const server = await serve({ context, worker });
const { servers } = context;
const elsewhere = await serve({
  context: { ...context, servers: { zitadel: servers.zitadel } },
  worker,
});

for (const [name, how] of /** @type {const} */ ([
  ["oidc-provider", "by a resource"],
  ["zitadel with JWTs", "by its scopes"],
])) {
  test(`a JWT of ${name}, ${how}: what is in it, its signature, its issuer's word`, async () => {
    const opened = await open();
    const { page } = opened;
    await obtain(page, name);
    assert.equal(
      await page.evaluate(() => document.activeElement?.id),
      "token",
      "whoever looks inside is taken there",
    );
    const { issuer, api } = servers[name];
    assert.match(await page.innerText("#kind"), /JWT\s*unverified/);
    const contents = await page.innerText("#contents");
    for (const part of [issuer, api.audience, "RS256", "exp ends", "iat issued"])
      assert.ok(contents.includes(part), `${part} in\n${contents}`);
    assert.match(contents, /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d in 1[12] h/);
    const roles = await page.locator("#contents .roles tbody tr").allInnerTexts();
    assert.match(
      roles[0],
      name === "oidc-provider"
        ? /writer\s+317905284016571148\s+demo\.localhost/
        : /reader\s+317905284016571148\s+acme\.localhost/,
    );

    await page.getByRole("button", { name: "Check the signature" }).click();
    await page.locator("#check-result .good").waitFor();
    assert.match(
      await page.innerText("#check-result"),
      new RegExp(
        `The signature is good\\. ${issuer} signed it by the key \\d+; it is for ${api.audience}`,
      ),
    );
    assert.match(await page.innerText("#kind"), /JWT\s*verified/);
    assert.equal(await page.textContent("#inside-status"), "The signature is good");

    await page.fill("#audience", "another");
    assert.match(
      await page.innerText("#kind"),
      /JWT\s*unverified/,
      "what was checked is not what stands there now",
    );
    await page.click("#check");
    await page.locator("#check-result .error").waitFor();
    assert.match(await page.innerText("#check-result"), /audience_refused rejected/);
    assert.match(await page.innerText("#kind"), /JWT\s*refused/);
    await page.fill("#audience", "");
    await page.click("#check");
    await page.locator("#check-result .good", { hasText: "no audience was asked for" }).waitFor();

    await page.getByRole("button", { name: "Introspect" }).click();
    await page.locator("#introspection p").first().waitFor();
    assert.match(
      await page.innerText("#introspection"),
      name === "oidc-provider"
        ? /Active\.[^]*writer[^]*client_id client/
        : /Active\.[^]*reader[^]*client_id client/,
    );
    await assertAccessible(page);
    await assertQuiet(opened, REFUSED);
    await opened.close();
  });
}

test("an opaque token: only its issuer knows", async () => {
  const opened = await open();
  const { page } = opened;
  await page.click("#send");
  await page.click("#to-look-inside");
  assert.match(
    await page.innerText("#kind"),
    /Opaque\s+104 characters\..*ZITADEL's access tokens/s,
  );
  assert.equal(await page.innerText("#contents"), "");
  await page.click("#check");
  assert.match(await page.innerText("#check-result"), /There is no JWT to check/);
  await page.click("#introspect");
  await page.locator("#introspection .good").waitFor();
  assert.match(
    await page.innerText("#introspection"),
    /Active\.[^]*scope scopes[^]*Asked from this browser/,
  );
  await page.locator("#introspection summary").click();
  assert.match(await page.innerText("#introspection pre.tall"), /^200\n[^]*"active": ?true/);
  await page.fill("#api-secret", "wrong canary");
  assert.equal(await page.innerText("#introspection"), "");
  await page.click("#introspect");
  await page.locator("#introspection .error").waitFor();
  assert.match(await page.innerText("#introspection"), /credentials_refused denied/);
  assert.doesNotMatch(await page.innerText("#look-inside"), /wrong canary/);
  await assertQuiet(opened, REFUSED);
  await opened.close();
});

test("through the Worker where the page's policy does not let it ask", async () => {
  const opened = await openPage(browser, elsewhere.url);
  const { page } = opened;
  const { issuer, clientId, clientSecret, api } = servers["oidc-provider"];
  await page.getByText("from the issuer's metadata").waitFor();
  for (const [id, text] of Object.entries({
    issuer,
    "client-id": clientId,
    "client-secret": clientSecret,
  }))
    await page.fill(`#${id}`, text);
  await page.click("#discover");
  await page.getByText("from the issuer's metadata").waitFor();
  await page.fill("#resource", api.audience);
  await page.click("#send");
  await page.click("#to-look-inside");
  for (const [id, text] of Object.entries({
    audience: api.audience,
    "api-id": api.clientId,
    "api-secret": api.clientSecret,
  }))
    await page.fill(`#${id}`, text);
  await page.click("#check");
  await page.locator("#check-result .good").waitFor();
  await page.click("#introspect");
  await page.locator("#introspection p").first().waitFor();
  assert.match(
    await page.innerText("#look-inside"),
    /Checked in the Worker\.[^]*Asked through the Worker\./,
  );
  assert.deepEqual([...opened.called], [new URL(elsewhere.url).origin, servers.zitadel.issuer]);
  await assertQuiet(opened);
  await opened.close();
});

test("a forged JWT is shown and refused; one of another issuer as well", async () => {
  const opened = await open();
  const { page } = opened;
  const { issuer, api } = servers["oidc-provider"];
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: api.audience,
    sub: "mallory",
    client_id: "mallory",
    jti: "1",
    iat: now,
    exp: now + 600,
  };
  const forged = jwt(makeKey("RS256"), claims);
  for (const [token, code] of [
    [forged, "token_invalid"],
    [jwt(makeKey("RS256"), { ...claims, iss: "https://other.example" }), "token_invalid"],
    [jwt(makeKey("RS256"), { ...claims, exp: now - 600 }), "token_expired"],
  ]) {
    await page.fill("#token", token);
    assert.match(await page.innerText("#contents"), /mallory/);
    await page.click("#check");
    await page.locator("#check-result .error").waitFor();
    const result = await page.innerText("#check-result");
    assert.ok(result.includes(`${code} rejected`) || result.includes("key_unknown"), result);
  }
  assert.match(await page.innerText("#contents"), /10 min (\d+ s )?ago/);
  await assertQuiet(opened);
  await opened.close();
});

test("whatever is pasted is shown as text, and nothing throws", async () => {
  const opened = await open();
  const { page } = opened;
  const part = (/** @type {unknown} */ value) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const nested = { a: { b: [{ c: null }, [1, [2, [3]]]] } };
  const full = {
    iss: MARKUP,
    exp: 1e300,
    iat: -1,
    nbf: "soon",
    aud: [1, MARKUP],
    nested,
    [MARKUP]: MARKUP,
    ["__proto__x"]: 1,
    long: "x".repeat(2_000),
    deep: JSON.parse(`${"[".repeat(3_000)}${"]".repeat(3_000)}`),
    "urn:zitadel:iam:org:project:roles": { [MARKUP]: { 7: MARKUP }, odd: [] },
  };
  const header = part({ alg: "none", kid: 7 });
  const big = `${header}.${part(full)}.${"s".repeat(16_384 - 100)}`;
  /** @type {[text: string, kind: RegExp][]} */
  const rows = [
    ["", /Paste a token/],
    ["   \n", /Paste a token/],
    ["Bearer abc", /Opaque\s+3 characters/],
    [MARKUP, /Opaque/],
    ["a.b", /It has 2 parts/],
    ["a.b.c.d", /It has 4 parts/],
    ["...", /It has 4 parts/],
    ["..", /Not a JWT[^]*its header is no JSON/],
    [`${header}.b.c`, /Not a JWT[^]*its claims are no JSON/],
    [`${part("[1]")}.${part({})}.c`, /Not a JWT/],
    [`${header}.${part("7")}.`, /Not a JWT/],
    [`${header}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.`, /Not a JWT/],
    [`${header}.${part({})}.`, /JWT\s*unverified/],
    ["a.b.c.d.e", /It has 5 parts/],
    [`${part({ alg: "dir", enc: "A256GCM" })}.k.i.c.t`, /Encrypted \(JWE\)/],
    [`authorization: Bearer ${header}.\n${part({ sub: "x" })}.\n c`, /JWT\s*unverified/],
    ["é".repeat(104), /Opaque/],
    [big, /JWT\s*unverified/],
  ];
  for (const [text, kind] of rows) {
    await page.fill("#token", text);
    assert.match(await page.innerText("#kind"), kind, text.slice(0, 60));
    assert.equal(await page.locator("#look-inside :is(img, b)").count(), 0);
  }
  const contents = await page.innerText("#contents");
  for (const shown of [MARKUP, "no time that a calendar has", '"c": null', "soon", "__proto__x"])
    assert.ok(contents.includes(shown), shown);
  assert.equal(await page.locator("#contents pre[tabindex]").count(), 3, "what is long scrolls");
  await page.click("#check");
  await page.locator("#check-result .error").waitFor();
  await page.fill("#token", "");
  await page.click("#introspect");
  assert.match(await page.innerText("#introspection"), /There is no token to ask about/);
  await page.fill("#token", rows[14][0]);
  assert.match(await page.innerText("#contents"), /enc encrypted by\s+A256GCM/);
  await assertAccessible(page);
  await assertQuiet(opened);
  await opened.close();
});

test("an answer about a token that is no longer there is dropped", async () => {
  const opened = await open();
  const { page } = opened;
  await page.click("#send");
  await page.click("#to-look-inside");
  /** @type {() => void} */
  let go = () => {};
  const held = new Promise((done) => {
    go = () => done(undefined);
  });
  await page.route("**/oauth/v2/introspect", async (route) => {
    await held;
    await route.continue();
  });
  await page.click("#introspect");
  await page.fill("#token", "another");
  const answered = page.waitForResponse("**/oauth/v2/introspect");
  go();
  await answered;
  await page.waitForSelector("#introspect:not([aria-disabled])");
  assert.equal(await page.innerText("#introspection"), "");
  await assertQuiet(opened);
  await opened.close();
});

test("by the keyboard alone: a token, its signature, its issuer's word", async () => {
  const opened = await open();
  const { page } = opened;
  await page.locator("#look-inside-title").click(); // Where the reader is.
  await tabTo(page, "#token");
  await page.keyboard.insertText(jwt(makeKey("RS256"), { sub: "x" }));
  await tabTo(page, "#check");
  await page.keyboard.press("Enter");
  await page.locator("#check-result .error").waitFor();
  await tabTo(page, "#api-secret-show");
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute("#api-secret", "type"), "text");
  await tabTo(page, "#introspect");
  await page.keyboard.press("Space");
  await page.locator("#introspection p").first().waitFor();
  assert.equal(
    await page.evaluate(() => document.activeElement?.id),
    "introspect",
    "the focus stays",
  );
  await assertQuiet(opened, REFUSED);
  await opened.close();
});

for (const [name, device] of Object.entries(DEVICES)) {
  test(`on ${name}: nothing wider than the screen, nothing that axe objects to`, async () => {
    const opened = await open(device);
    const { page } = opened;
    await obtain(page, "zitadel with JWTs");
    await page.click("#check");
    await page.locator("#check-result .good").waitFor();
    await page.click("#introspect");
    await page.locator("#introspection .good").waitFor();
    await page.locator("#introspection summary").click();
    await assertFits(page);
    await assertAccessible(page);
    await page.fill("#audience", "another");
    await page.fill("#api-secret", "wrong");
    await page.click("#check");
    await page.locator("#check-result .error").waitFor();
    await page.click("#introspect");
    await page.locator("#introspection .error").waitFor();
    await assertFits(page);
    await assertAccessible(page);
    await assertQuiet(opened, REFUSED);
    await opened.close();
  });
}

/** @param {import("../support/page/page.js").Device} [device] */
function open(device) {
  return openPage(browser, server.url, device);
}

/**
 * Gets a JWT in the panel above and brings it here.
 *
 * @type {(page: Page, name: "oidc-provider" | "zitadel with JWTs") => Promise<void>}
 */
async function obtain(page, name) {
  await page.selectOption("#server", name);
  await page.getByText("from the issuer's metadata").waitFor();
  if (name === "oidc-provider") {
    await page.fill("#resource", await page.innerText("#resource-example"));
  } else {
    for (const chip of ["audience", "roles"])
      await page.getByRole("button", { name: chip, exact: true }).click();
  }
  await page.click("#send");
  await page.click("#to-look-inside");
}
