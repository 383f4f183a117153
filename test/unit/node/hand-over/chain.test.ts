/** The chain as the restore wrapper reads it: each parent only up to where its child began. */
import { describe, expect, it } from 'vitest';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { chainText } from '../../../../src/node/hand-over/chain.ts';

const history = [
  { timeline: 1 as TimelineId, switchLsn: parseLsn('0/3000100') },
  { timeline: 2 as TimelineId, switchLsn: parseLsn('1/5000000') },
];

describe('the chain', () => {
  it('names each timeline with its last segment, and each history file with its lines', () => {
    const chain = { timeline: 4 as TimelineId, history, walSegmentBytes: 16_777_216, end: null };
    expect(chainText(chain)).toBe(
      [
        'segment-bytes 16777216',
        'wal 00000001 0000000000000003',
        'wal 00000002 0000000100000004',
        'wal 00000004 -',
        'history 00000002.history 1:0/3000100',
        'history 00000004.history 1:0/3000100,2:1/5000000',
        '',
      ].join('\n'),
    );
  });

  it('ends with a dead primary', () => {
    const chain = { timeline: 1 as TimelineId, history: [], walSegmentBytes: 16_777_216 };
    expect(chainText({ ...chain, end: parseLsn('0/3000100') })).toBe(
      'segment-bytes 16777216\nwal 00000001 0000000000000003\n',
    );
  });
});
