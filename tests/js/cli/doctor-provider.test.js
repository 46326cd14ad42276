// @ts-check
// Planted mistakes on the embedded provider, which answers for itself.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { temporaryFolder } from "../../../scripts/run.js";
import { examine } from "../support/cli/cli.js";
import { assertFound } from "../support/cli/planted.js";
import { startQuietProvider } from "../support/servers/provider.js";

const provider = await startQuietProvider();
const SCOPE = "openid profile urn:zitadel:iam:org:project:id:zitadel:aud";
const API = {
  AUDIENCE: provider.resource,
  PROJECT_ID: provider.projectId,
  API_CLIENT_ID: provider.apiClient.clientId,
  API_CLIENT_SECRET: provider.apiClient.clientSecret,
};
const USUAL = {
  ISSUER: provider.issuer,
  CLIENT_ID: provider.clientId,
  CLIENT_SECRET: provider.clientSecret,
  SCOPE,
};
const { userKeyFile, applicationKeyFile } = provider;
const { path: folder, remove } = temporaryFolder("doctor");
after(remove);
const KEY_PATH = join(folder, "key.json");
writeFileSync(KEY_PATH, JSON.stringify(userKeyFile));
const NO_SECRET = { CLIENT_ID: "", CLIENT_SECRET: "" };
const OTHER_PROJECT = "376999999999999999";
const DAY = 86_400_000;

/** @param {object} [more] */
function keyFile(more) {
  return JSON.stringify({ ...userKeyFile, ...more });
}

/** @param {number} days from now */
function ending(days) {
  return keyFile({ expirationDate: new Date(Date.now() + days * DAY).toISOString() });
}

/** @type {Omit<import("../support/cli/planted.js").Planted, "answers">[]} */
const PLANTED = [
  {
    name: "nothing is wrong, with a secret",
    env: { ...API, API_URL: provider.apiUrl },
    check: "call",
    status: "ok",
    message: /^API_URL answers 200$/,
    exitCode: 0,
  },
  {
    name: "nothing is wrong, with a key file",
    env: { ...NO_SECRET, KEY_FILE: keyFile() },
    check: "token",
    status: "ok",
    message: /^an opaque token, \d+ characters, good for 12 h$/,
    exitCode: 0,
  },
  {
    name: "a resource that counts, and a JWT",
    env: { ...API, RESOURCE: provider.resource },
    check: "token",
    status: "ok",
    message: new RegExp(
      `^a JWT, \\d+ characters, good for 12 h; aud: ${provider.resource}; ` +
        `roles: writer in project ${provider.projectId}$`,
    ),
    exitCode: 0,
  },
  {
    name: "no issuer",
    env: { ISSUER: "" },
    check: "variables",
    message: /^ISSUER is not set$/,
    fix: /^set it/,
    exitCode: 2,
  },
  {
    name: "neither a secret nor a key",
    env: { CLIENT_SECRET: "" },
    check: "variables",
    message: /^neither CLIENT_SECRET nor KEY_FILE is set$/,
    fix: /^set CLIENT_ID and CLIENT_SECRET, or KEY_FILE/,
    exitCode: 2,
  },
  {
    name: "another name of the issuer's host",
    env: { ISSUER: provider.issuer.replace("127.0.0.1", "localhost") },
    check: "issuer",
    code: "issuer_mismatch",
    message: /another issuer/,
    fix: new RegExp(`${provider.issuer}.: set ISSUER|${provider.issuer}`),
    exitCode: 2,
  },
  {
    name: "a server that is not there",
    env: { ISSUER: "http://127.0.0.1:9" },
    check: "issuer",
    code: "network_failed",
    message: /^http:\/\/127\.0\.0\.1:9 cannot be reached/,
    fix: /ISSUER/,
    exitCode: 5,
  },
  {
    name: "a secret that ends in a line break",
    env: { CLIENT_SECRET: `${provider.clientSecret}\n` },
    check: "secret",
    message: /^CLIENT_SECRET holds a line break$/,
    fix: /^store it as the server showed it: `echo` adds a line break/,
    exitCode: 2,
  },
  {
    name: "a secret in quotes",
    env: { CLIENT_SECRET: `'${provider.clientSecret}'` },
    check: "secret",
    message: /^CLIENT_SECRET is in quotes$/,
    fix: /^remove the quotes$/,
    exitCode: 2,
  },
  {
    name: "a secret with half a quote",
    env: { CLIENT_SECRET: `'${provider.clientSecret}` },
    check: "token",
    code: "credentials_refused",
    message: /the likely cause: CLIENT_SECRET has a quote at one end$/,
    fix: /^remove it, if it belongs to the file/,
    exitCode: 3,
  },
  {
    name: "the API's secret in quotes",
    env: { ...API, API_CLIENT_SECRET: `"${provider.apiClient.clientSecret}"` },
    check: "api",
    message: /^API_CLIENT_SECRET is in quotes$/,
    fix: /^remove the quotes$/,
    exitCode: 2,
  },
  {
    name: "a secret that is encoded already",
    env: { CLIENT_SECRET: encodeURIComponent(provider.clientSecret) },
    check: "token",
    code: "credentials_refused",
    message: /the likely cause: CLIENT_SECRET looks as if it were URL-encoded/,
    fix: /^store it as the server showed it, not encoded$/,
    exitCode: 3,
  },
  {
    name: "a whole Basic header as the secret",
    env: { CLIENT_SECRET: `Basic ${btoa(`${provider.clientId}:${provider.clientSecret}`)}` },
    check: "token",
    code: "credentials_refused",
    message: /the likely cause: CLIENT_SECRET holds the id and the secret in base64/,
    fix: /^set CLIENT_SECRET to the secret alone/,
    exitCode: 3,
  },
  {
    name: "the secret in the place of the id",
    env: { CLIENT_ID: provider.clientSecret },
    check: "token",
    code: "credentials_refused",
    message: /the likely cause: CLIENT_SECRET is the same as CLIENT_ID/,
    fix: /./,
    exitCode: 3,
  },
  {
    name: "the path of a key file that is not there",
    env: { ...NO_SECRET, KEY_FILE: "./key.json" },
    check: "key file",
    code: "option_invalid",
    message: /neither PEM nor JSON/,
    fix: /pass what the key's file holds, not its name/,
    exitCode: 2,
  },
  {
    name: "an application's key file",
    env: { ...NO_SECRET, KEY_FILE: JSON.stringify(applicationKeyFile) },
    check: "key file",
    message: /^KEY_FILE is an application's, not a service user's$/,
    fix: /^create a key of the service user/,
    exitCode: 2,
  },
  {
    name: "a key file that has ended",
    env: { ...NO_SECRET, KEY_FILE: ending(-3) },
    check: "key file",
    code: "key_expired",
    message: /^KEY_FILE expired [34] days ago$/,
    fix: /^create a key of the service user/,
    exitCode: 2,
  },
  {
    name: "a key file that ends soon",
    env: { ...NO_SECRET, KEY_FILE: ending(3) },
    check: "key file",
    status: "warn",
    message: /^KEY_FILE ends in 3 days$/,
    fix: /create a key of the service user/,
    exitCode: 0,
  },
  {
    name: "a token for another API",
    env: { ...API, RESOURCE: provider.otherResource },
    check: "api",
    code: "audience_refused",
    message: /is meant for/,
    fix: /./,
    exitCode: 6,
  },
  {
    name: "a wrong secret of the API",
    env: { ...API, API_CLIENT_SECRET: "another c4nary" },
    check: "api",
    code: "credentials_refused",
    message: /^introspection by API_CLIENT_ID: /,
    fix: /^set API_CLIENT_ID and API_CLIENT_SECRET to those of the API itself/,
    exitCode: 3,
  },
  {
    name: "an API's id without its secret",
    env: { ...API, API_CLIENT_SECRET: "" },
    check: "api",
    message: /^API_CLIENT_ID is set, API_CLIENT_SECRET is not$/,
    fix: /^set both$/,
    exitCode: 2,
  },
  {
    name: "a role that the service user does not have",
    env: API,
    args: ["--role", "admin"],
    check: "api",
    code: "role_insufficient",
    message: /lacks the role/,
    fix: /grant the service user the role/,
    exitCode: 6,
  },
  {
    name: "an id of another project",
    env: { ...API, PROJECT_ID: OTHER_PROJECT, RESOURCE: provider.resource },
    check: "api",
    code: "role_insufficient",
    message: /^the token lacks any role in the project PROJECT_ID; it has roles in another one$/,
    fix: /^see that PROJECT_ID is the id of the API's project$/,
    exitCode: 6,
  },
  {
    name: "an id of another project, as the audience too",
    env: {
      API_CLIENT_ID: API.API_CLIENT_ID,
      API_CLIENT_SECRET: API.API_CLIENT_SECRET,
      PROJECT_ID: OTHER_PROJECT,
      SCOPE: `${SCOPE} urn:zitadel:iam:org:project:id:${provider.projectId}:aud`,
    },
    check: "api",
    code: "audience_refused",
    message: new RegExp(
      `SCOPE asks for the project ${provider.projectId}, and PROJECT_ID is ${OTHER_PROJECT}$`,
    ),
    fix: /^see which of them is the API's project, and set PROJECT_ID or SCOPE to it$/,
    exitCode: 6,
  },
  {
    name: "a role, and an id of another project",
    env: { ...API, PROJECT_ID: OTHER_PROJECT },
    args: ["--role", "writer"],
    check: "api",
    code: "role_insufficient",
    message:
      /^the token lacks the role "writer" in the project PROJECT_ID; it has roles in another one$/,
    fix: /^see that PROJECT_ID is the id of the API's project$/,
    exitCode: 6,
  },
  {
    name: "the path of a key file",
    env: { ...NO_SECRET, KEY_FILE: KEY_PATH },
    check: "key file",
    status: "ok",
    message: new RegExp(`^can be read, userId ${userKeyFile.userId}, keyId ${userKeyFile.keyId}; `),
    exitCode: 0,
  },
  {
    name: "an audience that is another project",
    env: { AUDIENCE: provider.projectId, PROJECT_ID: OTHER_PROJECT },
    check: "variables",
    status: "warn",
    message: /^AUDIENCE and PROJECT_ID are different ids; ZITADEL's audience is the project$/,
    fix: /^set both to the id of the API's project$/,
    exitCode: 6,
  },
  {
    name: "an address of the API that is not there",
    env: { API_URL: `${provider.issuer}/auth/v1/nothing` },
    check: "call",
    message: /^API_URL answers 404/,
    fix: /^correct the path/,
    exitCode: 2,
  },
  {
    name: "a scope that the API needs is not asked for",
    env: { SCOPE: "openid", API_URL: provider.apiUrl },
    check: "call",
    message: /^API_URL answers 401: Bearer error="invalid_token"$/,
    fix: /^add urn:zitadel:iam:org:project:id:zitadel:aud to SCOPE$/,
    exitCode: 6,
  },
];

for (const planted of PLANTED) {
  test(planted.name, async () => {
    const env = { ...USUAL, ...planted.env };
    const secrets = [env.CLIENT_SECRET, provider.clientSecret, provider.apiClient.clientSecret];
    const key = userKeyFile.key.split("\n");
    const report = await examine(env, {
      args: planted.args,
      secrets: [...secrets.filter(Boolean), key[2], key[9], "c4nary"],
    });
    assertFound(report, planted);
  });
}
