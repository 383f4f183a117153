/** Files that follow one another, and where they end. */
import { expect, test } from 'vitest';
import { firstAndLast, segmentRun } from '../../../../src/core/divergence/segment-run.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';

const SEGMENTS = {
  timeline: 2 as TimelineId,
  segmentBytes: 16_777_216,
  files: new Set([
    '000000020000000000000003',
    '000000020000000000000004',
    // One is missing, and this one belongs to another timeline.
    '000000010000000000000005',
    '000000020000000000000006',
  ]),
};

test('a run ends before the first file that is missing', () => {
  const run = segmentRun(SEGMENTS, parseLsn('0/3000100'));
  expect(run).toEqual({
    files: ['000000020000000000000003', '000000020000000000000004'],
    end: parseLsn('0/5000000'),
  });
  expect(firstAndLast(run)).toEqual(run.files);
});

test('a run of one file begins and ends with it', () => {
  const run = segmentRun(SEGMENTS, parseLsn('0/6FFFFFF'));
  expect(firstAndLast(run)).toEqual(['000000020000000000000006', '000000020000000000000006']);
});

test('without the file of the position there is none', () => {
  const run = segmentRun(SEGMENTS, parseLsn('0/5000000'));
  expect(run).toEqual({ files: [], end: parseLsn('0/5000000') });
  expect(firstAndLast(run)).toEqual([]);
});
