const { AuthError, tokenSource } = require("edge-credentials");

test("a token", async () => {
  const { issuer, clientId, clientSecret } = JSON.parse(process.env.SETTINGS);
  const { accessToken } = await tokenSource({
    issuer,
    clientId,
    clientSecret,
    scope: "openid",
  }).get();
  expect(typeof accessToken).toBe("string");
});

test("what is required is CommonJS, since jest cannot require ES modules", () => {
  expect(require.resolve("edge-credentials")).toMatch(/index\.cjs$/);
});

test("a refusal by the middleware", async () => {
  const { bearerAuth } = require("edge-credentials/hono");
  const middleware = bearerAuth(() => ({ issuer: "https://idp.example", audience: "api" }));
  const { status } = await middleware(
    { req: { raw: new Request("https://api.example/") }, set() {} },
    () => {},
  );
  expect(status).toBe(401);
});

test("a mistake", () => {
  expect(() => tokenSource({ clientId: "service" })).toThrow(AuthError);
});
