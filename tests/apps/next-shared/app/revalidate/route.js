import { revalidateTag } from "next/cache";

export async function POST() {
  // Next 16 takes how long the old data may be shown. Older versions do not look at it.
  revalidateTag("data", "max");
  return new Response(null, { status: 204 });
}
