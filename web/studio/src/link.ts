// A program in an address: its file, deflated, in base64 for addresses.

import type { Given } from "./opening.js";

/** The longest file that an address carries, in bytes after deflation. */
const LONGEST = 24_000;

async function through(bytes: Uint8Array, stream: { readable: ReadableStream; writable: WritableStream }): Promise<Uint8Array> {
  const blob = new Blob([bytes as BlobPart]);
  return new Uint8Array(await new Response(blob.stream().pipeThrough(stream)).arrayBuffer());
}

/** A file as a part of an address; `undefined` if it is too long for one. */
export async function toAddress({ name, bytes }: Given): Promise<string | undefined> {
  const deflated = await through(bytes, new CompressionStream("deflate-raw"));
  if (deflated.length > LONGEST) return undefined;
  const text = Array.from(deflated, (byte) => String.fromCharCode(byte)).join("");
  const base64 = btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return new URLSearchParams({ n: name, w: base64 }).toString();
}

/** The file in an address. Throws an Error if it cannot be read. */
export async function fromAddress(fields: URLSearchParams): Promise<Given | undefined> {
  const packed = fields.get("w");
  if (packed === null) return undefined;
  try {
    const deflated = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    return { name: fields.get("n") ?? "program", bytes: await through(deflated, new DecompressionStream("deflate-raw")) };
  } catch {
    throw new Error("the program in the address cannot be read: a part of the address is missing");
  }
}
