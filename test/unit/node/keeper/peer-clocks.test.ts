/** A host that stood still knows of no time that passed, and the others' clocks tell it; no other clock ever makes a time shorter. */
import { describe, expect, test } from 'vitest';
import { PeerClocks } from '../../../../src/node/keeper/peer-clocks.ts';
import { PG1, PG3 } from '../../../support/duty-snapshot.ts';

/** Hears both others every 250 ms, whose clocks are `ahead` of this one's. */
function hearing(clocks: PeerClocks, from: number, to: number, ahead: number): void {
  for (let now = from; now <= to; now += 250) {
    clocks.take(PG1, { theirs: now + ahead, at: now });
    clocks.take(PG3, { theirs: now + ahead + 7, at: now });
    clocks.mark(now);
  }
}

describe('the time since a moment', () => {
  test('is that of this host where nobody was heard, or all clocks go alike', () => {
    const clocks = new PeerClocks();
    expect(clocks.since(1_000, 9_000)).toBe(8_000);
    hearing(clocks, 1_000, 9_000, 500_000);
    expect(clocks.since(4_000, 9_100)).toBe(5_100);
  });

  test('is longer by what this host stood still', () => {
    const clocks = new PeerClocks();
    hearing(clocks, 1_000, 5_000, 500_000);
    hearing(clocks, 5_250, 6_000, 525_000);
    expect(clocks.since(4_800, 6_000)).toBe(26_200);
    expect(clocks.since(5_500, 6_000)).toBe(500);
  });

  test('is told by one of them, also where the other was silent', () => {
    const clocks = new PeerClocks();
    hearing(clocks, 1_000, 5_000, 500_000);
    clocks.take(PG3, { theirs: 530_500, at: 5_300 });
    expect(clocks.since(5_000, 5_400)).toBe(25_593);
  });

  test('is not longer for a datagram that was late, a host that began anew, or one that was not heard before', () => {
    const clocks = new PeerClocks();
    hearing(clocks, 1_000, 5_000, 500_000);
    clocks.take(PG1, { theirs: 503_000, at: 5_200 });
    expect(clocks.since(5_000, 5_500)).toBe(500);
    clocks.take(PG1, { theirs: 4_000, at: 5_300 });
    clocks.take(PG1, { theirs: 4_250, at: 5_550 });
    expect(clocks.since(5_000, 5_600)).toBe(600);
    const late = new PeerClocks();
    late.take(PG1, { theirs: 500_000, at: 1_000 });
    late.mark(4_000);
    late.take(PG1, { theirs: 530_000, at: 5_000 });
    expect(late.since(4_000, 5_000)).toBe(1_000);
  });

  test('is known for a minute back at least', () => {
    const clocks = new PeerClocks();
    hearing(clocks, 0, 200_000, 500_000);
    hearing(clocks, 200_250, 200_500, 505_000);
    expect(clocks.since(140_000, 200_500)).toBe(65_500);
    expect(clocks.since(10_000, 200_500)).toBe(190_500);
  });
});
