const { AuthError, tokenSource } = require("edge-credentials");

test("a token", async () => {
  const { issuer, clientId, clientSecret } = JSON.parse(process.env.SETTINGS);
  const { accessToken } = await tokenSource({ issuer, clientId, clientSecret, scope: "openid" }).get();
  expect(typeof accessToken).toBe("string");
});

test("what is required is CommonJS, since jest cannot require ES modules", () => {
  expect(require.resolve("edge-credentials")).toMatch(/index\.cjs$/);
});

test("a mistake", () => {
  expect(() => tokenSource({ clientId: "service" })).toThrow(AuthError);
});
