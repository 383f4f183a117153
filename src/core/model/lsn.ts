/** Positions in the write-ahead log: 64-bit numbers in code, hexadecimal text (`16/B374D848`) at the edges. */
import { PrimacyError } from './primacy-error.ts';

/** A byte position in the WAL (PostgreSQL manual, section 8.20 "pg_lsn Type"). Compare as numbers, never as text. */
export type Lsn = bigint & { readonly __brand: 'Lsn' };

const PATTERN = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** Reads `X/Y`. Throws `output-invalid` where the text is anything else. */
export function parseLsn(text: string): Lsn {
  const match = PATTERN.exec(text);
  if (match === null)
    throw new PrimacyError('output-invalid', `cannot read LSN: expected X/Y, got ${JSON.stringify(text)}`);
  return ((BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`)) as Lsn;
}

/** Writes `X/Y` the way PostgreSQL does: upper case, no leading zeros. */
export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;
}

/** `a - b` in bytes, as a number; exact below 8 PiB. */
export function lsnDifferenceBytes(a: Lsn, b: Lsn): number {
  return Number(a - b);
}
