import { tokenBy } from "../../../tokens.js";

export const runtime = "edge";

export async function GET() {
  return new Response(`<p>${await tokenBy("endpoint")}</p>`);
}
