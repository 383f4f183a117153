/** Headers as PostgreSQL 15 writes them. */
import { expect, test } from 'vitest';
import { isCheckpointHeader } from '../../../../src/core/divergence/record-header.ts';

/** Length, info and manager; transaction, predecessor and checksum do not matter here. */
function header(length: number, info: number, manager: number): Uint8Array {
  const bytes = new Uint8Array(24);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes[16] = info;
  bytes[17] = manager;
  return bytes;
}

test.each([
  ['a checkpoint of a shutdown', header(114, 0x00, 0), true],
  ['a checkpoint of a running server', header(114, 0x10, 0), true],
  ['an end of recovery', header(42, 0x90, 0), false],
  ['a full page of the same manager', header(8_241, 0xb0, 0), false],
  ['an insert', header(59, 0x00, 10), false],
  ['zeros', new Uint8Array(24), false],
  ['a piece of a header', header(114, 0x10, 0).slice(0, 20), false],
])('%s', (_title, bytes, expected) => {
  expect(isCheckpointHeader(bytes)).toBe(expected);
});
