// Makes in ZITADEL what a caller and an API need, and checks it by a login.
import { existsSync, writeFileSync } from "node:fs";
import { AuthError, tokenSource, tokenVerifier, zitadel } from "edge-credentials";
import { managementApi, ZitadelError } from "./management-api.js";

const { ISSUER: issuer = "", ZITADEL_TOKEN: token = "" } = process.env;
const { PROJECT = "edge-credentials", SERVICE_USER = "edge-worker", ROLE = "writer" } = process.env;
const SETTINGS = ".dev.vars";
const KEY_FILE = "key.json";
const YEAR = 365 * 24 * 60 * 60 * 1000;

async function setUp() {
  // Nothing is made at ZITADEL whose secret could not be kept.
  for (const file of [SETTINGS, KEY_FILE]) {
    if (existsSync(file)) throw new ZitadelError(`${file} exists: move it away`);
  }
  const call = managementApi(issuer, token);
  const expirationDate = new Date(Date.now() + YEAR).toISOString();

  const project = await call("POST", "/projects", { name: PROJECT });
  console.log(`project ${PROJECT}: ${project.id}`);

  await call("POST", `/projects/${project.id}/roles`, { roleKey: ROLE, displayName: ROLE });
  console.log(`role: ${ROLE}`);

  const user = await call("POST", "/users/machine", {
    userName: SERVICE_USER,
    name: SERVICE_USER,
    description: `calls the APIs of ${PROJECT}`,
    accessTokenType: "ACCESS_TOKEN_TYPE_JWT",
  });
  console.log(`service user ${SERVICE_USER}: ${user.userId}`);

  const grant = { projectId: project.id, roleKeys: [ROLE] };
  await call("POST", `/users/${user.userId}/grants`, grant);
  console.log("the service user has the role");

  const app = { name: "api", authMethodType: "API_AUTH_METHOD_TYPE_BASIC" };
  const api = await call("POST", `/projects/${project.id}/apps/api`, app);
  console.log(`API application: ${api.appId}`);

  const secret = await call("PUT", `/users/${user.userId}/secret`, {});
  const settings = {
    ISSUER: issuer,
    CLIENT_ID: secret.clientId,
    CLIENT_SECRET: secret.clientSecret,
    PROJECT_ID: project.id,
    AUDIENCE: project.id,
    API_CLIENT_ID: api.clientId,
    API_CLIENT_SECRET: api.clientSecret,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}\n`);
  keep(SETTINGS, lines.join(""));

  const key = { type: "KEY_TYPE_JSON", expirationDate };
  const { keyDetails } = await call("POST", `/users/${user.userId}/keys`, key);
  keep(KEY_FILE, Buffer.from(keyDetails, "base64").toString());
  return settings;
}

/** As the readers of such files take it: between quotes that it does not hold. */
function quoted(value) {
  const quote = ["'", '"', "`"].find((one) => !value.includes(one));
  if (!quote) throw new ZitadelError("a secret has quotes of all kinds: generate another one");
  return quote + value + quote;
}

/** Secrets are for the owner's eyes. */
function keep(file, text) {
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  console.log(`wrote ${file}`);
}

/** What was made, used: a token by the secret, judged as the API would. */
async function check({ CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, ...settings }) {
  const { PROJECT_ID: projectId, API_CLIENT_ID, API_CLIENT_SECRET } = settings;
  const scope = ["openid", zitadel.scopes.audience(projectId), zitadel.scopes.roles()];
  // A new secret takes about a second to arrive: the source asks again.
  const source = tokenSource({ issuer, clientId, clientSecret, scope });
  const { verify } = tokenVerifier({
    issuer,
    audience: projectId,
    projectId,
    role: ROLE,
    introspection: { clientId: API_CLIENT_ID, clientSecret: API_CLIENT_SECRET },
  });
  const { accessToken } = await source.get();
  const { sub } = await verify(accessToken);
  console.log(`a token of ${sub} has the role ${ROLE}: all is set up`);
}

try {
  await check(await setUp());
} catch (error) {
  if (!(error instanceof AuthError) && !(error instanceof ZitadelError)) throw error;
  console.error(error.message);
  if (error instanceof AuthError) console.error(error.hint);
  process.exitCode = 1;
}
