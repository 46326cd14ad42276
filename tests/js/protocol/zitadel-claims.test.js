// @ts-check
// What the claims of ZITADEL grant, and above all what they do not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { zitadel } from "edge-credentials";
import { thrown } from "../support/errors.js";

const { roles, metadata } = zitadel;

const OWN = "urn:zitadel:iam:org:project:roles";
const ID = "317905284016374539";
const OF_PROJECT = `urn:zitadel:iam:org:project:${ID}:roles`;
const METADATA = "urn:zitadel:iam:user:metadata";
const ORGANIZATION = "271983471204820111";
const GRANT = { [ORGANIZATION]: "acme.zitadel.cloud" };

describe("roles", () => {
  test("as an introspection has them: by project, and those of the client's own", () => {
    const claims = {
      active: true,
      sub: "1",
      aud: [ID],
      [OWN]: { reader: GRANT },
      [OF_PROJECT]: { admin: GRANT, writer: GRANT },
    };
    assert.deepEqual(plain(roles(claims, ID)), { admin: GRANT, writer: GRANT });
    assert.deepEqual(plain(roles(claims)), { reader: GRANT });
  });

  for (const [name, claims] of /** @type {[string, object][]} */ ([
    ["it is missing", { [OWN]: { admin: GRANT } }],
    [
      "another project's is there",
      {
        "urn:zitadel:iam:org:project:31790528401637453:roles": { admin: GRANT },
        [OWN]: { admin: GRANT },
      },
    ],
    ["it grants nothing", { [OF_PROJECT]: {}, [OWN]: { admin: GRANT } }],
    ["it is misshapen", { [OF_PROJECT]: "admin", [OWN]: { admin: GRANT } }],
    ["it is null", { [OF_PROJECT]: null, [OWN]: { admin: GRANT } }],
    ["it is inherited", Object.create({ [OF_PROJECT]: { admin: GRANT } })],
  ])) {
    test(`with a project nothing but its claim is read: ${name}`, () =>
      assert.deepEqual(plain(roles(claims, ID)), {}));
  }

  test("without a project no project's claim is read", () => {
    assert.deepEqual(plain(roles({ [OF_PROJECT]: { admin: GRANT } })), {});
  });

  test("a project's id cannot spell another claim", () => {
    const claims = {
      [OWN]: { admin: GRANT },
      "urn:zitadel:iam:org:project::roles": { admin: GRANT },
      roles: { admin: GRANT },
    };
    for (const projectId of [":", "roles", "../../", "\n", " "])
      assert.deepEqual(plain(roles(claims, projectId)), {});
  });

  test("a list of maps, merged: roles, and organizations of the same role", () => {
    const list = [
      { admin: { 1: "a.example" } },
      { reader: { 1: "a.example" } },
      { admin: { 2: "b.example" }, writer: { 2: "b.example" } },
    ];
    const expected = {
      admin: { 1: "a.example", 2: "b.example" },
      reader: { 1: "a.example" },
      writer: { 2: "b.example" },
    };
    assert.deepEqual(plain(roles({ [OWN]: list })), expected);
    assert.deepEqual(plain(roles({ [OF_PROJECT]: list }, ID)), expected);
  });

  for (const [name, claim] of /** @type {[string, unknown][]} */ ([
    ["a string", "admin"],
    ["a number", 7],
    ["true", true],
    ["null", null],
    ["an empty map", {}],
    ["an empty list", []],
    ["a list of names", ["admin"]],
    ["a list of lists", [[{ admin: GRANT }]]],
    ["a list of nothing", [null, undefined, 7]],
    ["a role that is true", { admin: true }],
    ["a role that is a string", { admin: "acme.zitadel.cloud" }],
    ["a role that is null", { admin: null }],
    ["a role that is a list", { admin: ["acme.zitadel.cloud"] }],
    ["a role that is a list of maps", { admin: [GRANT] }],
    ["a role without organizations", { admin: {} }],
    ["an organization without a domain", { admin: { 1: null } }],
    ["an organization whose domain is true", { admin: { 1: true } }],
    ["an organization whose domain is a map", { admin: { 1: { domain: "acme.zitadel.cloud" } } }],
  ])) {
    test(`misshapen, it grants nothing: ${name}`, () => {
      for (const granted of [roles({ [OWN]: claim }), roles({ [OF_PROJECT]: claim }, ID)]) {
        assert.deepEqual(plain(granted), {});
        assert.equal("admin" in granted, false);
      }
    });
  }

  test("what is misshapen takes nothing from what is not", () => {
    const map = { odd: 7, admin: { 1: "a.example", 2: null }, empty: {} };
    for (const claim of [map, [null, "admin", map, []]])
      assert.deepEqual(plain(roles({ [OWN]: claim })), { admin: { 1: "a.example" } });
  });

  test("a role is in the result only if it was granted", () => {
    const granted = roles({ [OWN]: { admin: GRANT } });
    for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
      assert.equal(name in granted, false);
      assert.equal(name in granted.admin, false);
      assert.equal(name in roles({}), false);
    }
  });

  test("roles and organizations may be called like members of every object", () => {
    const text =
      '{"__proto__":{"constructor":"a.example","__proto__":"b.example"},' +
      '"constructor":{"1":"a.example"},"toString":{"2":"b.example"}}';
    for (const claim of [JSON.parse(text), [JSON.parse(text)]])
      assert.equal(JSON.stringify(roles({ [OWN]: claim })), text);
    assert.equal(Reflect.get({}, "1"), undefined);
  });

  test("the claims stay as they were, and the result is a copy", () => {
    const claims = { [OWN]: [{ admin: { 1: "a.example" } }, { admin: { 2: "b.example" } }] };
    const before = JSON.stringify(claims);
    Object.assign(roles(claims).admin, { 3: "c.example" });
    assert.equal(JSON.stringify(claims), before);
  });
});

describe("misuse", () => {
  const anyOf = /** @type {any} */ (zitadel);
  /** @type {[string, () => unknown, string, RegExp][]} */
  const cases = [
    [
      "claims that are undefined",
      () => anyOf.roles(undefined),
      "zitadel.roles takes an object of claims, not undefined",
      /./,
    ],
    [
      "claims that are null",
      () => anyOf.roles(null, ID),
      "zitadel.roles takes an object of claims, not null",
      /./,
    ],
    [
      "a token for claims",
      () => anyOf.roles("eyJhbGciOi.CANARY.x", ID),
      "zitadel.roles takes an object of claims, not a string",
      /./,
    ],
    [
      "a list for claims",
      () => anyOf.roles([{ [OWN]: { admin: GRANT } }]),
      "zitadel.roles takes an object of claims, not a list",
      /./,
    ],
    [
      "claims that were not awaited",
      () => roles(Promise.resolve({})),
      "zitadel.roles takes an object of claims, not a promise",
      /^await it first$/,
    ],
    [
      "claims that throw",
      () =>
        roles({
          get [OWN]() {
            return thrower();
          },
        }),
      "an option threw when it was read",
      /./,
    ],
    [
      "a role that throws",
      () =>
        roles({
          [OWN]: {
            get admin() {
              return thrower();
            },
          },
        }),
      "an option threw when it was read",
      /./,
    ],
    [
      "a project that is undefined",
      () => anyOf.roles({ [OWN]: { admin: GRANT } }, undefined),
      "`projectId` is undefined: is the binding set?",
      /^(?!.*leave the option out)/,
    ],
    [
      "a project that is null",
      () => anyOf.roles({ [OWN]: { admin: GRANT } }, null),
      "`projectId` must be a string, not null",
      /./,
    ],
    [
      "a project that is a number",
      () => anyOf.roles({}, Number("317905284016374539")),
      "`projectId` must be a string, not a number",
      /./,
    ],
    [
      "a project that is empty",
      () => roles({ [OWN]: { admin: GRANT } }, ""),
      "`projectId` is empty",
      /^pass the id of the project whose roles count$/,
    ],
    [
      "a project that is a list",
      () => anyOf.roles({}, [ID]),
      "`projectId` must be a string, not a list",
      /./,
    ],
    [
      "roles as a callback of map, which hands in an index",
      () => [{ [OWN]: { admin: GRANT } }].map(anyOf.roles),
      "`projectId` must be a string, not a number",
      /./,
    ],
    [
      "metadata of no claims",
      () => anyOf.metadata(),
      "zitadel.metadata takes an object of claims, not undefined",
      /./,
    ],
    [
      "metadata of a list",
      () => metadata([]),
      "zitadel.metadata takes an object of claims, not a list",
      /./,
    ],
    [
      "metadata that throw",
      () =>
        metadata({
          [METADATA]: {
            get key() {
              return thrower();
            },
          },
        }),
      "an option threw when it was read",
      /./,
    ],
  ];
  for (const [name, run, message, hint] of cases) {
    test(name, () => {
      const error = thrown(run);
      assert.deepEqual(
        [error.code, error.category, error.message],
        ["option_invalid", "misuse", message],
      );
      assert.match(error.hint, hint);
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /CANARY/);
    });
  }
});

describe("metadata", () => {
  test("as ZITADEL sends them", () => {
    const claims = { sub: "1", [METADATA]: { department: "RW5naW5lZXJpbmc", team: "w6RwcGxl" } };
    assert.deepEqual(plain(metadata(claims)), { department: "Engineering", team: "äpple" });
  });

  test("none where the claim is missing, or inherited", () => {
    for (const claims of [
      {},
      { [METADATA]: {} },
      { [METADATA]: undefined },
      Object.create({ [METADATA]: { level: "OQ" } }),
    ]) {
      assert.deepEqual(Reflect.ownKeys(metadata(claims)), []);
    }
  });

  test("every length and every byte, with padding and without", () => {
    const texts = [
      "",
      "a",
      "ab",
      "abc",
      "abcd",
      "ÿþ?>~",
      "a\0b",
      "\u{10ffff}",
      "x".repeat(100_000),
      String.fromCharCode(...Array(0xd800).keys()),
    ];
    for (const text of texts) {
      const value = Buffer.from(text).toString("base64url");
      const padded = value.padEnd(Math.ceil(value.length / 4) * 4, "=");
      assert.deepEqual(plain(metadata({ [METADATA]: { value, padded } })), {
        value: text,
        padded: text,
      });
    }
  });

  test("bytes that are no UTF-8 become U+FFFD", () => {
    for (const [bytes, text] of /** @type {const} */ ([
      [[0xff], "\ufffd"],
      [[0x61, 0xc3], "a\ufffd"],
      [[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ])) {
      assert.equal(
        metadata({ [METADATA]: { key: Buffer.from(bytes).toString("base64url") } }).key,
        text,
      );
    }
  });

  test("keys may be called like members of every object, and no others are there", () => {
    const texts = metadata(JSON.parse(`{"${METADATA}":{"__proto__":"YQ","constructor":"Yg"}}`));
    assert.equal(JSON.stringify(texts), '{"__proto__":"a","constructor":"b"}');
    assert.equal("toString" in texts, false);
  });

  for (const [name, claim] of /** @type {[string, unknown][]} */ ([
    ["a string", "CANARY"],
    ["an empty string", ""],
    ["a number", 7],
    ["null", null],
    ["false", false],
    ["a list", ["CANARY"]],
    ["a list of maps", [{ CANARY: "YQ" }]],
    ["a value that is plain text", { CANARY: "CANARY text" }],
    ["a value that is base64", { CANARY: "CANARY+/" }],
    ["a value of an impossible length", { CANARY: "CANAR" }],
    ["a value with too little padding", { CANARY: "CANARY=" }],
    ["a value with too much padding", { CANARY: "CANA====" }],
    ["a value with padding that it does not need", { CANARY: "CANA=" }],
    ["a value with a line break", { CANARY: "CANARY\n" }],
    ["a value that is a number", { CANARY: 77 }],
    ["a value that is null", { CANARY: null }],
    ["a value that is a list", { CANARY: ["CANA"] }],
    ["one bad value among good ones", { a: "YQ", CANARY: "?", b: "YQ" }],
  ])) {
    test(`misshapen: ${name}`, () => {
      const error = thrown(() => metadata({ [METADATA]: claim }));
      assert.deepEqual(
        [error.code, error.category, error.message, error.hint],
        [
          "member_invalid",
          "malformed",
          `\`${METADATA}\` must be an object of base64url strings`,
          "pass the claims as ZITADEL sends them, with values that nobody has decoded yet",
        ],
      );
      assert.equal("cause" in error, false);
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /CANAR/);
    });
  }
});

/**
 * Without the missing prototypes, which `deepEqual` would mind.
 *
 * @param {object} value
 */
function plain(value) {
  return JSON.parse(JSON.stringify(value));
}

/** @returns {any} */
function thrower() {
  throw new Error("CANARY");
}
