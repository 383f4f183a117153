/** Which segment decides where two servers' WAL of one timeline parts. */
import { expect, test } from 'vitest';
import {
  findParting,
  type Parting,
  type SegmentVerdict,
} from '../../../../src/core/divergence/find-parting.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';

/** `= = 5 ?`: equal, equal, parted at 5, missing. */
function find(text: string): Promise<Parting> {
  const parts = text.split(' ').map((verdict, index) => ({ verdict, file: `S${index}` }));
  return findParting(parts, ({ verdict }): Promise<SegmentVerdict> => {
    if (verdict === '=') return Promise.resolve({ kind: 'equal' });
    if (verdict === '?') return Promise.resolve({ kind: 'missing' });
    return Promise.resolve({ kind: 'parted', at: BigInt(verdict) as Lsn });
  });
}

const cases: readonly [string, string, Parting][] = [
  ['all equal', '= = =', { kind: 'none' }],
  ['parted in the last', '= = 7', { kind: 'parted', at: 7n as Lsn }],
  [
    'equal again after it had parted: both loaded the same rows',
    '= 3 = = 7',
    { kind: 'parted', at: 3n as Lsn },
  ],
  [
    'old segments are gone on the other side, and the next one is equal',
    '? ? = 7',
    { kind: 'parted', at: 7n as Lsn },
  ],
  ['the one before the first difference is gone', '= ? 7', { kind: 'unseen', file: 'S1' }],
  ['the newest is gone', '= = ?', { kind: 'unseen', file: 'S2' }],
];

test.each(cases)('%s', async (_title, text, expected) => {
  expect(await find(text)).toEqual(expected);
});
