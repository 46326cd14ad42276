import { redirect } from "next/navigation";
import { tokenBy } from "../../../tokens.js";

async function act() {
  "use server";
  const token = await tokenBy("endpoint");
  redirect(`/shown?token=${token}`);
}

export default function Page() {
  return (
    <form action={act}>
      <button>go</button>
    </form>
  );
}
