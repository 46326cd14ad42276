import { taggedData, tokenBy } from "../../../tokens.js";

export default async function Page() {
  const data = await taggedData();
  return (
    <>
      <p>{await tokenBy("kept")}</p>
      <b>{data}</b>
    </>
  );
}
