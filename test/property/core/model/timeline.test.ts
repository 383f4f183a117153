/** Goal: every history file PostgreSQL can write is read whole. Method: histories written in its format, with its comments and blank lines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import { parseHistory, type TimelineId } from '../../../../src/core/model/timeline.ts';

const entry = fc.record({
  timeline: fc.integer({ min: 1, max: 0xffffffff }).map((id) => id as TimelineId),
  switchLsn: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((value) => value as Lsn),
});
const reason = fc.stringMatching(/^[ -~]{0,40}$/);
const filler = fc.constantFrom('', '\n', '# comment\n', '\n\n#\n');

describe('any history', () => {
  it('is read as it was written, whatever its reasons and comments', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, reason, filler)), (lines) => {
        const text = lines
          .map(
            ([parent, why, blank]) => `${parent.timeline}\t${formatLsn(parent.switchLsn)}\t${why}\n${blank}`,
          )
          .join('');
        expect(parseHistory(text)).toEqual(lines.map(([parent]) => parent));
      }),
    );
  });
});
