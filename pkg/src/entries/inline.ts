// The entry for all other runtimes. The module is text inside the package, so that no file has to
// be read or fetched.
import { isWorkerd, platform, waitUntilOfContext } from "../core/platform.js";
import { install } from "../core/wasm.js";
import base64 from "../../dist/wasm/base64.js";

// workerd compiles bytes while a Worker starts, and in no request.
const compiled = isWorkerd ? compile() : undefined;

install(() => compiled ?? compile());
platform.waitUntil = waitUntilOfContext;

function compile(): WebAssembly.Module {
  return new WebAssembly.Module(decode(base64));
}

/** The loop is on purpose: `Uint8Array.from(text, callback)` takes ten times as long. */
function decode(text: string): BufferSource {
  const { Buffer, Uint8Array } = globalThis as any;
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  if (Buffer) return Buffer.from(text, "base64");

  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export * from "../index.js";
