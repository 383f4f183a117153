/** CRC-32C, with which PostgreSQL seals each WAL record (`pg_crc32c.h`), eight bytes a step: reading WAL is mostly this. */
import type { WalBytes } from './wal-bytes.ts';

/** Castagnoli, reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();

/** Eight tables of 256: the nth continues a byte's remainder over n further bytes. */
function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const crc = entry(tables, at - 256);
    tables[at] = (crc >>> 8) ^ entry(tables, crc & 255);
  }
  return tables;
}

function entry(tables: Int32Array, index: number): number {
  return tables[index] ?? 0;
}

/** Continues `crc` over `length` bytes. `begin` is a multiple of 4. Begin with -1 and invert what comes last. */
export function crc32c({ bytes, words }: WalBytes, begin: number, length: number, crc: number): number {
  const t = TABLES;
  let it = crc;
  let at = begin;
  for (const end = begin + (length & ~7); at < end; at += 8) {
    const low = it ^ (words[at >> 2] ?? 0);
    const high = words[(at >> 2) + 1] ?? 0;
    it =
      (t[1792 + (low & 255)] ?? 0) ^
      (t[1536 + ((low >>> 8) & 255)] ?? 0) ^
      (t[1280 + ((low >>> 16) & 255)] ?? 0) ^
      (t[1024 + (low >>> 24)] ?? 0) ^
      (t[768 + (high & 255)] ?? 0) ^
      (t[512 + ((high >>> 8) & 255)] ?? 0) ^
      (t[256 + ((high >>> 16) & 255)] ?? 0) ^
      (t[high >>> 24] ?? 0);
  }
  for (const end = begin + length; at < end; at += 1)
    it = (it >>> 8) ^ (t[(it ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return it;
}
