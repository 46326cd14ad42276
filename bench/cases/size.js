// @ts-check
// What a Worker is larger by.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, Stop } from "../../scripts/run.js";
import { bundle, sizeOf, sum } from "../../scripts/build/sizes.js";
import { digits, kilobytes } from "../report/report.js";

/** @typedef {import("../../scripts/build/sizes.js").Size} Size */
/** @typedef {import("../report/report.js").Target} Target */

/** Bytes, brotli, for a Worker with a source and a verifier: at most. */
const TARGET = 80_000;
/** As wrangler has them. */
const CONDITIONS = ["workerd", "worker", "browser"];
/** By version: what was released. */
const RELEASED = join(root, "bench/sizes.json");
const ALL = "edge-credentials: everything";
const BOTH = "edge-credentials: `tokenSource` and `tokenVerifier`";

const CLIENT_CREDENTIALS = [
  "clientCredentialsGrantRequest",
  "processClientCredentialsResponse",
  "ClientSecretBasic",
];
const KEYS_AND_INTROSPECTION = [
  "discoveryRequest",
  "processDiscoveryResponse",
  "PrivateKeyJwt",
  "genericTokenEndpointRequest",
  "processGenericTokenEndpointResponse",
  "introspectionRequest",
  "processIntrospectionResponse",
  "revocationRequest",
  "processRevocationResponse",
];

/**
 * By name in the table: what is imported from where.
 *
 * @type {Record<string, Record<string, string[] | "*">>}
 */
const OURS = {
  [ALL]: { "edge-credentials": "*" },
  [BOTH]: { "edge-credentials": ["tokenSource", "tokenVerifier"] },
  "edge-credentials: `tokenSource` alone": { "edge-credentials": ["tokenSource"] },
  "edge-credentials: `tokenVerifier` alone": { "edge-credentials": ["tokenVerifier"] },
  "edge-credentials: `buildTokenRequest` and `parseTokenResponse` alone": {
    "edge-credentials": ["buildTokenRequest", "parseTokenResponse"],
  },
};
/** @type {Record<string, Record<string, string[] | "*">>} */
const THEIRS = {
  "oauth4webapi: client credentials alone": { oauth4webapi: CLIENT_CREDENTIALS },
  "oauth4webapi: everything": { oauth4webapi: "*" },
  "openid-client: everything": { "openid-client": "*" },
  "@badgateway/oauth2-client: everything": {
    "@badgateway/oauth2-client": ["OAuth2Client", "OAuth2Fetch"],
  },
  "jose: `jwtVerify` and `createRemoteJWKSet`": { jose: ["jwtVerify", "createRemoteJWKSet"] },
  "oauth4webapi and jose, for what edge-credentials does": {
    oauth4webapi: [...CLIENT_CREDENTIALS, ...KEYS_AND_INTROSPECTION],
    jose: ["jwtVerify", "createRemoteJWKSet", "importPKCS8"],
  },
};

const ABOUT =
  "Bytes in a Worker, bundled and minified by esbuild for the conditions " +
  `${CONDITIONS.map((name) => `\`${name}\``).join(", ")}, gzip at level 9, brotli at 11. Of ` +
  "edge-credentials the WebAssembly is in each sum, as a file of its own, compressed by itself.";
const NOTE =
  "oauth4webapi and jose are building blocks: what keeps a token fresh for many callers, " +
  "remembers introspections and reads key files would be the Worker's own code on top. Whatever " +
  "is imported of edge-credentials, the WebAssembly comes as a whole.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isRelease = false }) {
  const wasm = sizeOf(readFileSync(join(root, "pkg/dist/wasm/edge_credentials_bg.wasm")));
  /** @type {Map<string, Size>} */
  const sizes = new Map();
  for (const [name, imports] of Object.entries(OURS))
    sizes.set(name, sum(wasm, sizeOf(await bundled(imports))));
  sizes.set("edge-credentials: the WebAssembly alone", wasm);
  for (const [name, imports] of Object.entries(THEIRS))
    sizes.set(name, sizeOf(await bundled(imports)));

  const all = sizes.get(ALL)?.brotli ?? NaN;
  const both = sizes.get(BOTH)?.brotli ?? NaN;
  const since = sinceRelease(all, isRelease);
  return {
    title: "Size",
    about: ABOUT,
    tables: [
      {
        head: ["bytes", "raw", "gzip", "brotli", "brotli over ours"],
        rows: [...sizes].map(([name, { raw, gzip, brotli }]) => [
          name,
          ...[raw, gzip, brotli].map((bytes) => bytes.toLocaleString("en").replaceAll(",", " ")),
          digits(brotli / all),
        ]),
      },
    ],
    targets: [
      {
        what: "a Worker with a source and a verifier, brotli",
        measured: kilobytes(both),
        target: `≤ ${kilobytes(TARGET)}`,
        met: both <= TARGET,
      },
      ...since,
    ],
    note: since.length
      ? NOTE
      : `${NOTE}\nNothing has been released yet that a release could be smaller than.`,
    data: {
      sizes: [...sizes].map(([name, { brotli }]) => ({
        name,
        brotli,
        isOurs: name.startsWith("edge-credentials"),
      })),
    },
  };
}

/** @param {Record<string, string[] | "*">} imports */
async function bundled(imports) {
  const text = Object.entries(imports).map(([from, names]) =>
    names === "*" ? `export * from "${from}";` : `export { ${names.join(", ")} } from "${from}";`,
  );
  const contents = await bundle(text.join("\n"), { conditions: CONDITIONS });
  const missing = Object.values(imports)
    .flatMap((names) => (names === "*" ? [] : names))
    .filter((name) => !contains(contents, name));
  if (missing.length) throw new Stop(`a bundle lacks ${missing}`);
  return contents;
}

/**
 * @param {Uint8Array} contents
 * @param {string} name of an export
 */
function contains(contents, name) {
  const pattern = new RegExp(`export\\s*\\{[^}]*\\b${name}\\b[^}]*\\}`);
  return pattern.test(Buffer.from(contents).toString());
}

/**
 * Compares with the release before this version; only `--release` writes down what this one takes.
 *
 * @type {(all: number, isRelease: boolean) => Target[]}
 */
function sinceRelease(all, isRelease) {
  /** @type {Record<string, number>} */
  const released = JSON.parse(readFileSync(RELEASED, "utf8"));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (isRelease)
    writeFileSync(RELEASED, `${JSON.stringify({ ...released, [version]: all }, null, 2)}\n`);
  const others = Object.keys(released).filter((other) => other !== version);
  const before = others.at(-1);
  if (!before) return [];
  return [
    {
      what: `everything in a Worker, brotli, beside ${before}`,
      measured: kilobytes(all),
      target: `< ${kilobytes(released[before])}`,
      met: all < released[before],
    },
  ];
}
