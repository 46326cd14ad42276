// Seals what a store holds: it knows neither the token nor whose it is, and cannot make up another.

/** Of the sealed form and of what is in it. A value of another version is no value. */
const VERSION = "1";

const IV_BYTES = 12;

/**
 * The longest sealed text that is looked at: that of a response of 256 KiB, the most that is read,
 * is shorter.
 */
const MAX_TEXT = 400_000;

/** What a source seals with. */
export interface Seal {
  /** the key of the value in the store */
  name: string;
  seal: (text: string) => Promise<string>;
  /**
   * opens a value
   *
   * @returns `garbage`: it has not the form of one; `sealed`: it is another's, or was changed
   */
  open: (value: unknown) => Promise<{ text: string } | "garbage" | "sealed">;
}

/**
 * Derives the keys of a source from its secret. Another secret or other options give other keys and
 * another name, so a wrong secret never finds the token that the right one obtained.
 *
 * @param secret the client secret or the private key, as it is given
 * @param identity a text that is equal for equal options
 */
export async function sealOf(secret: string, identity: string): Promise<Seal> {
  const { subtle } = crypto;
  const base = await subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]);
  const derive = (
    purpose: string,
    key: { name: string; length: number; hash?: string },
    uses: any,
  ) =>
    subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: utf8("edge-credentials"), info: utf8(purpose) },
      base,
      key,
      false,
      uses,
    );
  const nameKey = await derive("name", { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]);
  const key = await derive("seal", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]);
  const name = toBase64Url(await subtle.sign("HMAC", nameKey, utf8(identity)));
  const additionalData = utf8(`${VERSION} ${name}`);

  return {
    name,
    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const algorithm = { name: "AES-GCM", iv, additionalData };
      const sealed = await subtle.encrypt(algorithm, key, utf8(text));
      return `${VERSION}.${toBase64Url(iv)}.${toBase64Url(sealed)}`;
    },
    async open(value) {
      if (typeof value !== "string" || value.length > MAX_TEXT) return "garbage";
      const [, iv, sealed] = /^1\.([\w-]{16})\.([\w-]+)$/.exec(value)?.map(fromBase64Url) ?? [];
      if (!iv || !sealed) return "garbage";
      try {
        const algorithm = { name: "AES-GCM", iv, additionalData };
        return { text: new TextDecoder().decode(await subtle.decrypt(algorithm, key, sealed)) };
      } catch {
        return "sealed"; // WebCrypto tells no more than that it does not open.
      }
    },
  };
}

/** A text by which a token is known again, and cannot be used. */
export async function hashOf(accessToken: string): Promise<string> {
  return toBase64Url(await crypto.subtle.digest("SHA-256", utf8(accessToken)));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined; // A text of this alphabet may still have an impossible length.
  }
}
