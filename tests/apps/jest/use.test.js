const { AuthError, tokenSource } = require("edge-credentials");

test("a token", async () => {
  const { issuer, clientId, clientSecret } = JSON.parse(process.env.SETTINGS);
  const { accessToken } = await tokenSource({ issuer, clientId, clientSecret, scope: "openid" }).get();
  expect(typeof accessToken).toBe("string");
});

test("a mistake", () => {
  expect(() => tokenSource({ clientId: "service" })).toThrow(AuthError);
});
