/** The probe's log becomes intervals, and two at once become a number of seconds. */
import { describe, expect, it } from 'vitest';
import {
  dualPrimarySeconds,
  firstDualWrite,
  parseBeats,
  writableIntervals,
  writableNow,
  type Beat,
} from '../../../../src/lab/measure/beats.ts';

const accepted = (host: string, ...moments: readonly number[]): readonly Beat[] =>
  moments.map((at) => ({ host, at, writable: true }));
const refused = (host: string, at: number): Beat => ({ host, at, writable: false });

describe('parseBeats', () => {
  it('leaves out a line that is still being written', () => {
    expect(parseBeats('pg1 100 1\npg1 200 0\npg1 3')).toEqual([...accepted('pg1', 100), refused('pg1', 200)]);
  });
});

describe('writableIntervals', () => {
  it('joins beats until a refusal', () => {
    const beats = [...accepted('pg1', 0, 100, 200), refused('pg1', 300), ...accepted('pg1', 400)];
    expect(writableIntervals(beats)).toEqual([
      { host: 'pg1', from: 0, to: 200 },
      { host: 'pg1', from: 400, to: 400 },
    ]);
  });

  it('does not count a silence as writable', () => {
    expect(writableIntervals(accepted('pg1', 0, 100, 5_000, 5_100))).toEqual([
      { host: 'pg1', from: 0, to: 100 },
      { host: 'pg1', from: 5_000, to: 5_100 },
    ]);
  });
});

describe('writableNow', () => {
  it('names hosts whose last insert was accepted a moment ago', () => {
    const beats = [
      ...accepted('pg2', 900),
      ...accepted('pg1', 950),
      ...accepted('pg3', 900),
      refused('pg3', 960),
    ];
    expect(writableNow(beats, 1_000)).toEqual(['pg1', 'pg2']);
    expect(writableNow(beats, 9_000)).toEqual([]);
  });
});

describe('dualPrimarySeconds', () => {
  it('is the time that two hosts share', () => {
    const beats = [
      ...accepted('pg1', 0, 500, 1_000, 1_500),
      ...accepted('pg2', 1_000, 1_300),
      ...accepted('pg1', 2_000),
    ];
    expect(dualPrimarySeconds(writableIntervals(beats))).toBeCloseTo(0.3);
  });

  it('is nothing at a handover', () => {
    expect(
      dualPrimarySeconds(writableIntervals([...accepted('pg1', 0, 500), ...accepted('pg2', 500, 900)])),
    ).toBe(0);
  });
});

describe('firstDualWrite', () => {
  it('is the first insert on the second host', () => {
    const beats = [...accepted('pg1', 0, 100, 200, 300), ...accepted('pg2', 250, 350)];
    expect(firstDualWrite(beats)).toBe(250);
  });

  it('is null where one host follows the other', () => {
    expect(
      firstDualWrite([...accepted('pg1', 0, 100), refused('pg1', 150), ...accepted('pg2', 200)]),
    ).toBeNull();
  });
});
