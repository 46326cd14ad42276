test("the import needs nothing that jsdom lacks", () => {
  expect(typeof TextEncoder).toBe("undefined");
  const { AuthError, tokenSource } = require("edge-credentials");
  expect(typeof AuthError).toBe("function");
  expect(typeof tokenSource).toBe("function");
});

test("with Node's own it works", async () => {
  const { TextDecoder, TextEncoder } = require("node:util");
  const response = { access_token: "a-token", token_type: "Bearer", expires_in: 3600 };
  Object.assign(globalThis, { TextDecoder, TextEncoder });
  const { tokenSource } = require("edge-credentials");
  const source = tokenSource({
    tokenEndpoint: "https://idp.example/token",
    clientId: "a",
    clientSecret: "b",
    fetch: async () => ({
      status: 200,
      headers: new Headers({ "content-type": "application/json" }),
      text: async () => JSON.stringify(response),
    }),
  });
  expect((await source.get()).accessToken).toBe("a-token");
});
