/** Joins the small pieces that a pipe or a socket gives into blocks: each piece on its own costs more than its bytes. */

const BLOCK_BYTES = 1_048_576;

/** The same bytes in blocks of at least 1 MiB, but for the last. */
export async function* inBlocks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held);
}
