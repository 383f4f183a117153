/** A stretch of WAL in memory, seen as bytes, as words and as a view: PostgreSQL writes it in the byte order of the machine. */

export interface WalBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
}

/** Zeros, at least so many. */
export function walBytes(length: number): WalBytes {
  const buffer = new ArrayBuffer(align(length));
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer), view: new DataView(buffer) };
}

/** MAXALIGN: records begin at multiples of 8. */
export function align(length: number): number {
  return Math.ceil(length / 8) * 8;
}
