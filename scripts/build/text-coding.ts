// `TextDecoder` and `TextEncoder` for the whole package, the glue included, where the build puts
// them. jest's jsdom has neither, and the glue uses both as soon as it is imported.

// They look for the runtime's when they are used: a test's setup may add them after the import.

class LateDecoder {
  #given;

  constructor(...given: unknown[]) {
    this.#given = given;
  }

  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string {
    // The glue warms it up at once.
    if (bytes === undefined && this.#decoder === undefined) return "";
    this.#decoder ??= new (globalThis.TextDecoder as any)(...this.#given) as TextDecoder;
    return this.#decoder.decode(bytes, options);
  }

  #decoder: TextDecoder | undefined;
}

class LateEncoder {
  encode(text: string): Uint8Array {
    return new globalThis.TextEncoder().encode(text);
  }

  encodeInto(text: string, target: Uint8Array): { read?: number; written?: number } {
    return new globalThis.TextEncoder().encodeInto(text, target);
  }
}

const Decoder: any = globalThis.TextDecoder ?? LateDecoder;
const Encoder: any = globalThis.TextEncoder ?? LateEncoder;
export { Decoder as TextDecoder, Encoder as TextEncoder };
