/** What a promotion left behind is told by the history of the new timeline, not by how the rescue ended. */
import { expect, test } from 'vitest';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { parseHistory, parseTimelineId } from '../../../../src/core/model/timeline.ts';
import { bytesAfterSwitch } from '../../../../src/node/hand-over/left-behind.ts';

const history = parseHistory(
  '1\t0/3000000\tno recovery target specified\n2\t0/5000100\tno recovery target\n',
);
const certificate = (timeline: number, endLsn: string) => ({
  timeline: parseTimelineId(timeline),
  endLsn: parseLsn(endLsn),
});

test.each([
  ['the timeline was left before its end', 2, '0/5000200', 256],
  ['it was left exactly there', 2, '0/5000100', 0],
  ['it was left later', 2, '0/5000000', 0],
  ['it was never left', 3, '0/7000000', 0],
  ['an older one was left before its end', 1, '0/3000001', 1],
])('%s', (_case, timeline, end, bytes) => {
  expect(bytesAfterSwitch(history, certificate(timeline, end))).toBe(bytes);
});
