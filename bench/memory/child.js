// @ts-check
// What a number of objects takes, in a process of its own: `node --expose-gc child.js <case>
// <count>` prints bytes before and after.
const gc = /** @type {() => void} */ (globalThis.gc);
const [, , name, count] = process.argv;
const instances = watchInstances();
const { CASES } = await import("./cases.js");

const work = CASES[name]();
// What the first calls leave behind, compiled code above all, is not what is asked for.
await work.add(0, 50);
const before = await used();
await work.add(50, 50 + Number(count));
const after = await used();
const kept = await work.kept?.();
console.log(
  JSON.stringify({
    bytes: after.bytes - before.bytes,
    wasm: { before: before.wasm, after: after.wasm },
    kept,
  }),
);
process.exit();

async function used() {
  // What is not needed any more may be held by what is still to run.
  for (let i = 0; i < 3; i++) {
    await new Promise((done) => setTimeout(done, 20));
    gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  const wasm = instances.map(
    ({ exports }) => /** @type {WebAssembly.Memory} */ (exports.memory).buffer.byteLength,
  );
  return { bytes: heapUsed + external, wasm: wasm.reduce((sum, bytes) => sum + bytes, 0) };
}

/** The package gives nobody its instance. */
function watchInstances() {
  /** @type {WebAssembly.Instance[]} */
  const found = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args) {
      const instance = Reflect.construct(target, args);
      found.push(instance);
      return instance;
    },
  });
  return found;
}
