import { expect, test } from "vitest";
import { use } from "../use.js";

test("a token, a mistake, and a refusal", async () => {
  expect(await use(JSON.parse(process.env.SETTINGS))).toEqual({
    accessToken: "string",
    code: "option_invalid",
    refused: 401,
  });
});
