/** A set of non-negative numbers as bits in chunks: a million neighbours cost 125 kB, so that memory does not grow with the WAL's size. */

export interface BitSet {
  readonly add: (value: number) => void;
  readonly remove: (value: number) => void;
  readonly has: (value: number) => boolean;
  readonly size: () => number;
  /** Ascending. */
  readonly values: () => Iterable<number>;
}

/** Values a chunk holds: 4 KiB of memory. */
const CHUNK = 32_768;

/** Makes an empty set. Values up to 2^53. */
export function createBitSet(): BitSet {
  const chunks = new Map<number, Uint8Array>();
  let size = 0;
  const has = (value: number): boolean => {
    const bits = chunks.get(Math.floor(value / CHUNK));
    const place = value % CHUNK;
    return bits !== undefined && ((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  };
  const flip = (value: number): void => {
    const key = Math.floor(value / CHUNK);
    let bits = chunks.get(key);
    if (bits === undefined) {
      bits = new Uint8Array(CHUNK / 8);
      chunks.set(key, bits);
    }
    const place = value % CHUNK;
    bits[place >> 3] = (bits[place >> 3] ?? 0) ^ (1 << (place & 7));
  };
  return {
    has,
    add: (value) => {
      if (has(value)) return;
      flip(value);
      size += 1;
    },
    remove: (value) => {
      if (!has(value)) return;
      flip(value);
      size -= 1;
    },
    size: () => size,
    *values() {
      for (const key of [...chunks.keys()].toSorted((a, b) => a - b)) {
        const bits = chunks.get(key) ?? new Uint8Array();
        for (let place = 0; place < CHUNK; place += 1)
          if (((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) yield key * CHUNK + place;
      }
    },
  };
}
