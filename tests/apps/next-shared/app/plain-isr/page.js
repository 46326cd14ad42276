import { tokenBy } from "../../../tokens.js";

export const revalidate = 60;

export default async function Page() {
  return <p>{await tokenBy("plain")}</p>;
}
