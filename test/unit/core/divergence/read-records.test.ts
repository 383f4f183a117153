/** Pages taken apart into records, where no server that we can start leaves such pages: an unfinished record that was given up. */
import { expect, test } from 'vitest';
import { crc32c } from '../../../../src/core/divergence/crc32c.ts';
import { PAGE_BYTES, RecordReader } from '../../../../src/core/divergence/read-records.ts';
import { align, walBytes, type WalBytes } from '../../../../src/core/divergence/wal-bytes.ts';
import { MANAGER } from '../../../../src/core/divergence/wal-record.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';
import { recordBytes } from '../../../support/wal-records.ts';

const SEGMENT = 1_048_576;
const ADDRESS = SEGMENT + 2 * PAGE_BYTES;
const HEADER = 24;
const CONTINUED = 0x1;
const OVERWRITTEN = 0x8;

/** A logical message of that many bytes, sealed, behind the record at `previous`. */
function record(length: number, previous: number): Uint8Array {
  const content = recordBytes({ manager: MANAGER.logicalMessage, data: new Uint8Array(length).fill(7) });
  const whole = walBytes(content.length);
  whole.bytes.set(content);
  whole.view.setUint32(8, previous, true);
  const crc = crc32c(whole, 0, 20, crc32c(whole, 24, content.length - 24, -1));
  whole.view.setInt32(20, ~crc, true);
  return whole.bytes.subarray(0, content.length);
}

/** One page after another from `ADDRESS`, each with its flags, what remains of a record, and what stands behind the header. */
function pages(
  ...all: readonly (readonly [info: number, remaining: number, content: readonly Uint8Array[]])[]
): WalBytes {
  const bytes = walBytes(all.length * PAGE_BYTES);
  for (const [index, [info, remaining, content]] of all.entries()) {
    const begin = index * PAGE_BYTES;
    bytes.view.setUint16(begin, 0xd110, true);
    bytes.view.setUint16(begin + 2, info, true);
    bytes.view.setUint32(begin + 4, 1, true);
    bytes.view.setUint32(begin + 8, ADDRESS + begin, true);
    bytes.view.setUint32(begin + 16, remaining, true);
    let at = begin + HEADER;
    for (const part of content) {
      bytes.bytes.set(part, at);
      at += align(part.length);
    }
  }
  return bytes;
}

function read(chunk: WalBytes): { readonly found: readonly number[]; readonly why: string | null } {
  const found: number[] = [];
  const reader = new RecordReader({
    start: BigInt(ADDRESS) as Lsn,
    segmentBytes: SEGMENT,
    onRecord: (it) => found.push(Number(it.lsn) - ADDRESS),
  });
  return { why: reader.push(chunk, chunk.bytes.length, ADDRESS), found };
}

const LONG = 9_000;
const first = record(8, 0);
const second = HEADER + align(first.length);
const long = record(LONG, ADDRESS + HEADER);
const room = PAGE_BYTES - second;

test('the checksum is the one of the standard’s example', () => {
  const example = walBytes(16);
  example.bytes.set(new TextEncoder().encode('123456789'));
  expect(~crc32c(example, 0, 9, -1) >>> 0).toBe(0xe3069283);
});

test('a record goes on over pages', () => {
  const rest = long.subarray(room);
  const { found, why } = read(
    pages([0, 0, [first, long.subarray(0, room)]], [CONTINUED, rest.length, [rest]]),
  );
  expect(found).toEqual([HEADER, second]);
  expect(why).toContain('no record at');
});

test('a rest of another length ends it before the record', () => {
  const rest = long.subarray(room);
  const { found, why } = read(
    pages([0, 0, [first, long.subarray(0, room)]], [CONTINUED, rest.length + 8, [rest]]),
  );
  expect(found).toEqual([HEADER]);
  expect(why).toContain('the rest of a record is missing');
});

test('a record that a crash left unfinished was given up: what follows is linked to the one before it', () => {
  const next = record(16, ADDRESS + HEADER);
  const { found } = read(pages([0, 0, [first, long.subarray(0, room)]], [OVERWRITTEN, 0, [next]]));
  expect(found).toEqual([HEADER, PAGE_BYTES + HEADER]);
});

test('a record that is linked to another one than the last is none', () => {
  const { found, why } = read(pages([0, 0, [first, record(8, ADDRESS)]]));
  expect(found).toEqual([HEADER]);
  expect(why).toContain('with another one before it');
});
