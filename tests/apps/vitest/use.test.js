import { expect, test } from "vitest";
import { use } from "../use.js";

test("a token, and a mistake", async () => {
  expect(await use(JSON.parse(process.env.SETTINGS))).toEqual({ accessToken: "string", code: "option_invalid" });
});
