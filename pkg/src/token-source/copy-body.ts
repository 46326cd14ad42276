// Copies the body of a Request, so that it can be sent again.

/** The most that is copied, bytes. */
const MAX_BYTES = 2 ** 20;

/**
 * Copies the body of a Request that is about to be sent.
 *
 * @returns `undefined` for a body that is larger than 1 MiB, or that cannot be read
 */
export async function copyBody(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get("content-length")) > MAX_BYTES) return undefined;
  try {
    const reader = request.clone().body?.getReader();
    if (!reader) return undefined;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
      chunks.push(value);
      size += value.length;
      if (size <= MAX_BYTES) continue;
      // Not awaited: it ends only after the body that is sent.
      reader.cancel().catch(() => {});
      return undefined;
    }
  } catch {
    return undefined; // Whoever sends the body is told why it cannot be read.
  }
}
