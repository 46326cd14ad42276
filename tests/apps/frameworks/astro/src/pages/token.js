import { env } from "cloudflare:workers";
import { use } from "../../../../use.js";

export const prerender = false;

export async function GET() {
  return Response.json(await use(JSON.parse(env.SETTINGS)));
}
