import { revalidateTag } from "next/cache";
import { tokenBy } from "../../../tokens.js";

export const dynamic = "force-dynamic";

export async function GET() {
  revalidateTag("tokens", "max");
  return new Response(`<p>${await tokenBy("endpoint")}</p>`);
}
