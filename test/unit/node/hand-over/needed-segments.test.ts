/** Which segments a standby has to fetch, under which names, and how much of the first it has. */
import { describe, expect, it } from 'vitest';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { neededSegments } from '../../../../src/node/hand-over/needed-segments.ts';

const SEGMENT = 16_777_216;
const branch = {
  timeline: 2 as TimelineId,
  history: [{ timeline: 1 as TimelineId, switchLsn: parseLsn('0/3000100') }],
};

function needed(replay: string | null, receive: string | null, to: string): readonly string[] {
  const lsn = (text: string | null) => (text === null ? null : parseLsn(text));
  const found = neededSegments(branch, { replay: lsn(replay), receive: lsn(receive) }, parseLsn(to), SEGMENT);
  return found.map(({ name, received }) => `${name}+${received}`);
}

describe('the segments that a standby lacks', () => {
  it('begin with the one that it received in part, whole pages of which it has', () => {
    expect(needed('0/3001000', '0/5004010', '0/60000A0')).toEqual([
      '000000020000000000000005+16384',
      '000000020000000000000006+0',
    ]);
  });

  it('are none where all was received, and only replay is behind', () => {
    expect(needed('0/3001000', '0/6000000', '0/6000000')).toEqual([]);
  });

  it('do not end in a segment of which no byte is needed', () => {
    expect(needed('0/5000000', null, '0/6000000')).toEqual(['000000020000000000000005+0']);
  });

  it('are whole where replay went beyond the received, by an archive', () => {
    expect(needed('0/5008000', '0/4004000', '0/5009000')).toEqual(['000000020000000000000005+0']);
  });

  it('come under the newest timeline that had begun in them, and a parent’s bytes are not taken for received', () => {
    expect(needed('0/2000100', '0/2000100', '0/3000200')).toEqual([
      '000000010000000000000002+0',
      '000000020000000000000003+0',
    ]);
  });
});
