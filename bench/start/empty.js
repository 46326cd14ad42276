// @ts-check
// What a module costs in which nothing is.

export async function build() {
  return {};
}
