import { tokenBy } from "../../../tokens.js";

export async function GET() {
  return new Response(`<p>${await tokenBy("plain")}</p>`);
}
