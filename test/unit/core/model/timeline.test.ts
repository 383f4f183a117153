/** History files are read strictly: a line that is not understood is an error, never a shorter history. */
import { describe, expect, it } from 'vitest';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { describeHistory, parseHistory, parseTimelineId } from '../../../../src/core/model/timeline.ts';

describe('a timeline id', () => {
  it.each([
    ['1', 1],
    [7, 7],
    ['4294967295', 4294967295],
  ])('%j is read', (text, value) => {
    expect(parseTimelineId(text)).toBe(value);
  });

  it.each(['0', '', '-1', '1.5', 'one', '4294967296', Number.NaN])('is not %j', (text) => {
    expect(() => parseTimelineId(text)).toThrow('cannot read timeline: expected 1 to 4294967295');
  });
});

describe('a history file', () => {
  const text =
    '1\t0/3000060\tno recovery target specified\n\n# by hand\n2\t0/5000000\tbefore 2026-11-21 10:00:00+00\n';

  it('names each parent and where it ended', () => {
    expect(parseHistory(text)).toEqual([
      { timeline: 1, switchLsn: parseLsn('0/3000060') },
      { timeline: 2, switchLsn: parseLsn('0/5000000') },
    ]);
  });

  it('of timeline 1 is empty', () => {
    expect(parseHistory('')).toEqual([]);
  });

  it.each(['1', 'one 0/0', '1 here', '0 0/0'])('with the line %j is refused', (line) => {
    expect(() => parseHistory(`${text}${line}\n`)).toThrow(/^cannot read/);
  });

  it('is told to people in one line', () => {
    expect(describeHistory(parseTimelineId(3), parseHistory(text))).toBe(
      '1 until 0/3000060, then 2 until 0/5000000, then 3',
    );
    expect(describeHistory(parseTimelineId(1), [])).toBe('1');
  });
});
