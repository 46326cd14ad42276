// @ts-check
// The blocks of docs/recipes/opentelemetry.md, with OpenTelemetry's SDK and a collector, and of
// docs/recipes/kms.md, with the SDK of AWS and a server that signs as KMS does.
import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { apps } from "../../scripts/setup/apps.js";
import { startProvider } from "../../www/server/provider.js";
import { blocksOf } from "../js/support/docs.js";
import { close, listen } from "../js/support/http/listen.js";
import { run, versionOf } from "./child.js";

const provider = await startProvider();
after(provider.stop);

/** @type {(page: string) => string} the folder where its blocks are */
function lay(page) {
  const folder = join(apps, "recipes", page);
  mkdirSync(folder, { recursive: true });
  const blocks = [...blocksOf(`docs/recipes/${page}.md`).values()].flat();
  for (const { name, code } of blocks) writeFileSync(join(folder, name), code);
  return folder;
}

/**
 * @param {import("node:test").TestContext} t
 * @param {(
 *   path: string,
 *   body: string,
 *   headers: import("node:http").IncomingHttpHeaders,
 * ) => unknown} answer
 */
async function serve(t, answer) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [status, json] = /** @type {[number, object]} */ (
      answer(String(request.url), body, request.headers)
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  });
  t.after(() => close(server));
  return (await listen(server)).origin;
}

test(`OpenTelemetry ${versionOf("@opentelemetry/sdk-metrics", "recipes")}`, async (t) => {
  /** @type {Record<string, string>} */
  const received = {};
  const OTEL_EXPORTER_OTLP_ENDPOINT = await serve(t, (path, body) => {
    received[path] = body;
    return [200, {}];
  });
  lay("opentelemetry");
  const { issuer: ISSUER, jwtClientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = provider;
  const env = { ISSUER, CLIENT_ID, CLIENT_SECRET, OTEL_EXPORTER_OTLP_ENDPOINT };
  const outcome = await run(process.execPath, ["recipes/opentelemetry/main.js"], { env });
  assert.deepEqual(outcome, { code: 0, stdout: "audience_refused\n", stderr: "" });

  const spans = JSON.parse(received["/v1/traces"]).resourceSpans[0].scopeSpans[0].spans;
  assert.deepEqual(spans.map((/** @type {{ name: string }} */ { name }) => name).sort(), [
    "fetch keys",
    "fetch metadata",
    "fetch metadata",
    "fetch token",
  ]);
  const metrics = JSON.parse(received["/v1/metrics"]).resourceMetrics[0].scopeMetrics[0].metrics;
  const [histogram, counter] = ["auth.request.duration", "auth.refusals"].map((wanted) =>
    metrics.find((/** @type {{ name: string }} */ { name }) => name === wanted),
  );
  assert.equal(histogram.histogram.dataPoints.length, 3, "of metadata, keys and tokens");
  const [refusal] = counter.sum.dataPoints;
  assert.deepEqual(
    [refusal.asDouble ?? refusal.asInt, refusal.attributes],
    [1, [{ key: "code", value: { stringValue: "audience_refused" } }]],
  );
  for (const body of Object.values(received)) assert.ok(!body.includes(CLIENT_SECRET));
});

test(`KMS, with the AWS SDK ${versionOf("@aws-sdk/client-kms", "recipes")}`, async (t) => {
  const { keyId, key, userId } = provider.userKeyFile;
  let refuses = false;
  const AWS_ENDPOINT_URL_KMS = await serve(t, (_, body, headers) => {
    assert.equal(headers["x-amz-target"], "TrentService.Sign");
    const { KeyId, Message, MessageType, SigningAlgorithm } = JSON.parse(body);
    assert.deepEqual(
      [KeyId, MessageType, SigningAlgorithm],
      ["alias/orders", "RAW", "RSASSA_PKCS1_V1_5_SHA_256"],
    );
    if (refuses) return [400, { __type: "DisabledException", message: "disabled" }];
    const signed = createSign("sha256").update(Buffer.from(Message, "base64")).sign(key, "base64");
    return [200, { KeyId, Signature: signed, SigningAlgorithm }];
  });
  Object.assign(process.env, {
    ISSUER: provider.issuer,
    USER_ID: userId,
    KEY_ID: keyId,
    KMS_KEY: "alias/orders",
    AWS_ENDPOINT_URL_KMS,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  const { source } = await import(pathToFileURL(join(lay("kms"), "kms.js")).href);
  const token = await source.get();
  assert.match(token.accessToken, /./);

  refuses = true;
  source.invalidate(token);
  await assert.rejects(source.get(), (/** @type {Error & { code: string }} */ error) => {
    assert.equal(error.code, "callback_failed");
    assert.doesNotMatch(inspect(error), /DisabledException/);
    return true;
  });
});
