import { connection } from "next/server";
import { Suspense } from "react";
import { tokenBy } from "../../../tokens.js";

async function Token() {
  await connection();
  return <p>{await tokenBy("endpoint")}</p>;
}

export default function Page() {
  return (
    <Suspense fallback={<i>waiting</i>}>
      <Token />
    </Suspense>
  );
}
