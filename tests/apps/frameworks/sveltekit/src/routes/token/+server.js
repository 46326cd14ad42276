import { env } from "$env/dynamic/private";
import { use } from "../../../../../use.js";

export async function GET() {
  return Response.json(await use(JSON.parse(env.SETTINGS)));
}
