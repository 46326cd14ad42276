import { tokenBy } from "../tokens.js";

export const config = { matcher: "/middleware" };

export async function middleware() {
  return new Response(`<p>${await tokenBy("endpoint")}</p>`);
}
