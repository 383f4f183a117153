/** The client's record becomes acknowledgements and outages. */
import { describe, expect, it } from 'vitest';
import {
  longestGap,
  parseAcknowledgements,
  writeOutages,
} from '../../../../src/lab/measure/acknowledgements.ts';

describe('parseAcknowledgements', () => {
  it('reads one row a line and leaves out an unfinished one', () => {
    expect(parseAcknowledgements('1 1000\n2 1020\n3 10')).toEqual([
      { id: 1, at: 1_000 },
      { id: 2, at: 1_020 },
    ]);
  });
});

const at = (...moments: readonly number[]) => moments.map((moment, index) => ({ id: index + 1, at: moment }));

describe('longestGap', () => {
  it('is found however short it is', () => {
    expect(longestGap(at(0, 20, 110, 130), 0, 140)).toBe(90);
  });

  it('is one that lasted into the time that is asked about, or lasts still', () => {
    expect(longestGap(at(0, 500, 520), 400, 540)).toBe(500);
    expect(longestGap(at(0, 20), 10, 3_020)).toBe(3_000);
  });

  it('is none that was over before', () => {
    expect(longestGap(at(0, 500, 520), 501, 540)).toBe(20);
  });
});

describe('writeOutages', () => {
  it('finds a gap between two acknowledgements', () => {
    expect(writeOutages(at(0, 20, 1_520, 1_540), 1_560)).toEqual([
      { from: '1970-01-01T00:00:00.020Z', seconds: 1.5 },
    ]);
  });

  it('counts an outage that still lasts', () => {
    expect(writeOutages(at(0, 20), 3_020)).toEqual([{ from: '1970-01-01T00:00:00.020Z', seconds: 3 }]);
  });

  it('finds none in a busy second', () => {
    expect(writeOutages(at(0, 20, 300, 320), 400)).toEqual([]);
  });
});
