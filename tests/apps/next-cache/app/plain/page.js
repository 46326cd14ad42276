import { Suspense } from "react";
import { tokenBy } from "../../../tokens.js";

async function Token() {
  return <p>{await tokenBy("plain")}</p>;
}

export default function Page() {
  return (
    <Suspense fallback={<i>waiting</i>}>
      <Token />
    </Suspense>
  );
}
