/** File names and record ends, against values seen on PostgreSQL 15. */
import { expect, test } from 'vitest';
import {
  historyFileName,
  recordEnd,
  segmentFileName,
  segmentNumber,
} from '../../../../src/core/divergence/wal-position.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';

const MIB = 1024 * 1024;

test('a segment is named by timeline and number, for any segment size', () => {
  const name = (timeline: number, lsn: string, size: number): string =>
    segmentFileName(parseTimelineId(timeline), segmentNumber(parseLsn(lsn), size), size);
  expect(name(1, '0/3000028', 16 * MIB)).toBe('000000010000000000000003');
  expect(name(10, '1A/FF000000', 16 * MIB)).toBe('0000000A0000001A000000FF');
  expect(name(2, '1/40000000', 1024 * MIB)).toBe('000000020000000100000001');
  expect(historyFileName(parseTimelineId(26))).toBe('0000001A.history');
});

test.each([
  ['inside a page, aligned to 8 bytes', '0/1777970', 46, '0/17779A0'],
  ['over the header of the next page', '0/17430F8', 4561, '0/17442E8'],
  ['over two page headers', '0/17735F8', 8241, '0/1775648'],
  ['that fills a page to its end', '0/1741FE0', 32, '0/1742000'],
])('a record ends %s', (_title, lsn, length, end) => {
  expect(recordEnd(parseLsn(lsn), length, 16 * MIB)).toBe(parseLsn(end));
});

test('the first page of a segment has a longer header', () => {
  expect(recordEnd(parseLsn('0/2FFFFE0'), 64, 16 * MIB)).toBe(parseLsn('0/3000048'));
});
