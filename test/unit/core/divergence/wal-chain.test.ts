/** Which files hold a branch, over a switch of timelines and up to a hole. */
import { expect, test } from 'vitest';
import type { Branch } from '../../../../src/core/divergence/branch.ts';
import { earliestBefore, walChain } from '../../../../src/core/divergence/wal-chain.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { parseHistory, parseTimelineId } from '../../../../src/core/model/timeline.ts';

const SIZE = 16 * 1024 * 1024;
const branch: Branch = {
  timeline: parseTimelineId(2),
  history: parseHistory('1\t0/3500000\tno recovery target'),
};
const files = new Set([
  '000000010000000000000002',
  '000000010000000000000003',
  '000000020000000000000003',
  '000000020000000000000004',
]);

test('the segment of a switch is read from the newer timeline, earlier ones from the older', () => {
  const chain = walChain(branch, files, parseLsn('0/2000100'), SIZE);
  expect(chain.links.map((link) => link.file)).toEqual([
    '000000010000000000000002',
    '000000020000000000000003',
    '000000020000000000000004',
  ]);
  expect(chain.gap).toBeNull();
});

test('a missing file with later ones behind it is a gap', () => {
  const holed = new Set([...files, '000000020000000000000006']);
  expect(walChain(branch, holed, parseLsn('0/2000100'), SIZE).gap).toBe('000000020000000000000005');
});

test('reading begins no earlier than files are unbroken', () => {
  expect(earliestBefore(branch, files, parseLsn('0/4000100'), 4, SIZE)).toBe(parseLsn('0/2000000'));
  expect(earliestBefore(branch, files, parseLsn('0/4000100'), 1, SIZE)).toBe(parseLsn('0/3000000'));
});
