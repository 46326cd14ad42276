import { tokenBy } from "../../../tokens.js";

export default async function Page() {
  return <p>{await tokenBy("issuer")}</p>;
}
