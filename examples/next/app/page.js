// A page that the server makes of what an API answers, with a token that no browser sees.
import { connection } from "next/server";
import { source } from "../lib/credentials.js";

export default async function Page() {
  // In each request, not once at build time.
  await connection();
  const response = await source().fetch(process.env.API_URL);
  const { user } = await response.json();
  return <p>{`${response.status}, I am ${user.userName}`}</p>;
}
