import { use } from "../../../use.js";

export const dynamic = "force-dynamic";

export async function GET() {
  return Response.json({
    runtime: process.version,
    ...(await use(JSON.parse(process.env.SETTINGS))),
  });
}
