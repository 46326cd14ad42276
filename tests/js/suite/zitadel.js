// @ts-check
// What ZITADEL's claims say: read in JavaScript, with what each runtime has for it.
import { equal, ok, thrown } from "./assert.js";

const ROLES = "urn:zitadel:iam:org:project:roles";
const METADATA = "urn:zitadel:iam:user:metadata";

/** @type {import("./index.js").Suite} */
export function zitadel({ ec }) {
  const { roles, metadata } = ec.zitadel;
  /** @type {(name: string, run: () => void) => import("./index.js").Case} */
  const it = (name, run) => ({ name, run });

  return [
    it("roles are read from a map and from a list of maps", () => {
      const expected = {
        admin: { 1: "acme.example", 2: "beta.example" },
        reader: { 1: "acme.example" },
      };
      equal(roles({ [ROLES]: expected }), expected);
      equal(
        roles({
          [ROLES]: [
            { admin: { 1: "acme.example" }, reader: { 1: "acme.example" } },
            { admin: { 2: "beta.example" } },
          ],
        }),
        expected,
      );
    }),
    it("roles of a project are read from its claim alone", () => {
      const claims = {
        [ROLES]: { admin: { 1: "acme.example" } },
        "urn:zitadel:iam:org:project:7:roles": { reader: { 1: "acme.example" } },
      };
      equal(
        [roles(claims, "7"), roles(claims, "8"), roles(claims)],
        [{ reader: { 1: "acme.example" } }, {}, { admin: { 1: "acme.example" } }],
      );
    }),
    it("a project that is undefined is refused", () => {
      const error = thrown(() =>
        roles({ [ROLES]: { admin: { 1: "acme.example" } } }, /** @type {any} */ (undefined)),
      );
      ok(error instanceof ec.AuthError, `expected an AuthError, got ${error}`);
      equal(
        [error.code, error.message],
        ["option_invalid", "`projectId` is undefined: is the binding set?"],
      );
    }),
    it("a role is there only where it is granted, whatever it is called", () => {
      const granted = roles(JSON.parse(`{"${ROLES}":{"__proto__":{"__proto__":"acme.example"}}}`));
      equal(
        [Object.keys(granted), Object.keys(granted["__proto__"]), "toString" in granted],
        [["__proto__"], ["__proto__"], false],
      );
    }),
    it("a polluted Object.prototype grants nothing", () => {
      const pollution = {
        [ROLES]: { admin: { 1: "evil.example" } },
        [METADATA]: { level: "OQ" },
        admin: { 1: "evil.example" },
        1: "evil.example",
      };
      try {
        for (const [name, value] of Object.entries(pollution))
          Reflect.set(Object.prototype, name, value);
        const all = [
          roles({}),
          roles({ [ROLES]: {} }),
          roles({ [ROLES]: [{}] }),
          roles({ [ROLES]: { admin: {} } }),
          metadata({}),
          metadata({ [METADATA]: {} }),
        ];
        equal(
          all.map((one) => [Object.keys(one).length, "admin" in one, "level" in one]),
          all.map(() => [0, false, false]),
        );
      } finally {
        for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
      }
    }),
    it("metadata are decoded, with padding and without", () => {
      const values = {
        plain: "YWNtZQ",
        padded: "YWNtZQ==",
        once: "YWNtZTE=",
        none: "",
        alphabet: "w7_Dvj8-",
        wide: "8J-mgA",
      };
      equal(metadata({ [METADATA]: values }), {
        plain: "acme",
        padded: "acme",
        once: "acme1",
        none: "",
        alphabet: "ÿþ?>",
        wide: "🦀",
      });
    }),
    it("metadata that are no UTF-8 have U+FFFD", () => {
      equal(metadata({ [METADATA]: { key: "Yf9i" } }), { key: "a\ufffdb" });
    }),
    it("metadata that are no base64url are an error without key or value", () => {
      for (const value of [
        "Q",
        "CANAR",
        "CANARY=",
        "CANA=",
        "CANA==",
        "CANAR===",
        "=",
        "==",
        "CA=NARY",
        "CAN RY",
        "CANARY\n",
        "CAN+",
        "CAN/",
        "CANÄ",
        "ＣＡＮＡ",
        7,
        77,
        true,
        null,
        ["CANA"],
        {},
      ]) {
        const error = thrown(() => metadata({ [METADATA]: { CANARY: value } }));
        ok(
          error instanceof ec.AuthError,
          `${JSON.stringify(value)}: expected an AuthError, got ${error}`,
        );
        equal(
          [error.code, error.category, error.retryable],
          ["member_invalid", "malformed", false],
          JSON.stringify(value),
        );
        ok(
          !/CAN/.test(`${error} ${JSON.stringify(error)}`) && error.cause === undefined,
          "the error shows a key or a value",
        );
      }
    }),
  ];
}
