// What every client sends, and wants back: bytes that no text holds.
export const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 3);

/** file is content as a browser has it. */
export const file = (name: string): File => new File([content], name, { type: "application/octet-stream" });

/** same says whether a download is content. */
export async function same(got: Blob | ArrayBuffer): Promise<boolean> {
  const bytes = new Uint8Array(got instanceof Blob ? await got.arrayBuffer() : got);
  return bytes.length === content.length && bytes.every((b, i) => b === content[i]);
}

declare const process: { argv: string[] };

/** origin is that of the server. */
export const origin = process.argv[2];
