import { connection } from "next/server";
import { tokenBy } from "../../../tokens.js";

export async function GET() {
  await connection();
  return new Response(`<p>${await tokenBy("endpoint")}</p>`);
}
