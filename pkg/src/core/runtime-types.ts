// Types of the runtime that some declarations of it lack: TypeScript's own of before 5.7, or those
// of `@types/node` without `dom`.

/** `Uint8Array<ArrayBuffer>`. Before TypeScript 5.7 the class is not generic. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** A key of WebCrypto. `@types/node` has no global name for it. */
export type WebCryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A `WebAssembly.Module`. `@types/node` declares none. */
export type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : object;
