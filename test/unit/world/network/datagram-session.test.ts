/** A datagram counts once, and only where its sender lived after this agent was started. */
import { describe, expect, test } from 'vitest';
import { DatagramSession } from '../../../../src/world/network/datagram-session.ts';

/** Two agents that have proven their starts to one another. */
function connected(): { readonly pg1: DatagramSession; readonly pg2: DatagramSession } {
  const pg1 = new DatagramSession('pg1-first', 2);
  const pg2 = new DatagramSession('pg2-first', 2);
  meet(pg1, pg2);
  return { pg1, pg2 };
}

/** `speaker` says something that the other cannot believe yet, is greeted, and says it again. */
function meet(speaker: DatagramSession, other: DatagramSession): void {
  expect(other.judge(speaker.next())).toMatch('unproven');
  expect(speaker.judge(other.nextForUnproven())).toBe('fresh');
  expect(other.judge(speaker.next())).toBe('fresh');
}

describe('between two agents that know one another', () => {
  test('a copy by another path is a duplicate, one more is a replay', () => {
    const { pg1, pg2 } = connected();
    const header = pg1.next();
    expect([1, 2, 3].map(() => pg2.judge(header))).toEqual(['fresh', 'duplicate', 'replayed']);
  });

  test('datagrams may overtake one another', () => {
    const { pg1, pg2 } = connected();
    const [first, second] = [pg1.next(), pg1.next()];
    expect(pg2.judge(second)).toBe('fresh');
    expect(pg2.judge(first)).toBe('fresh');
    expect(pg2.judge(first)).toBe('duplicate');
  });

  test('what is far behind is a replay, whether it came before or not', () => {
    const { pg1, pg2 } = connected();
    const old = pg1.next();
    for (let i = 0; i < 256; i += 1) pg2.judge(pg1.next());
    expect(pg2.judge(old)).toBe('replayed');
  });
});

describe('after a restart', () => {
  test('of the receiver, what was made before is never fresh, in any order', () => {
    const { pg1, pg2 } = connected();
    const recorded = [pg1.next(), pg1.next(), pg1.next()];
    for (const header of recorded) pg2.judge(header);
    const again = new DatagramSession('pg2-second', 2);
    for (const header of recorded) expect(again.judge(header)).toMatch('unproven');
    // The living sender proves itself; what is older than its proof stays refused.
    expect(pg1.judge(again.nextForUnproven())).toBe('fresh');
    expect(again.judge(pg1.next())).toBe('fresh');
    for (const header of recorded) expect(again.judge(header)).toBe('replayed');
  });

  test('of the sender, it is believed after a greeting, and its earlier start is dead', () => {
    const { pg1, pg2 } = connected();
    const late = pg1.next();
    const again = new DatagramSession('pg1-second', 2);
    meet(again, pg2);
    expect(pg2.judge(late)).toBe('replayed');
  });

  test('of both, they find one another', () => {
    connected();
    const [pg1, pg2] = [new DatagramSession('pg1-second', 2), new DatagramSession('pg2-second', 2)];
    meet(pg1, pg2);
    expect([pg1.provenStart, pg2.provenStart]).toEqual(['pg2-second', 'pg1-second']);
  });

  test('a start that was kept back does not replace the one that was heard since', () => {
    const pg2 = new DatagramSession('pg2-first', 2);
    const kept = new DatagramSession('pg1-first', 2);
    pg2.judge(kept.next());
    kept.judge(pg2.nextForUnproven());
    // It echoes our start, and is held back by somebody until after the sender's restart.
    const heldBack = kept.next();
    const again = new DatagramSession('pg1-second', 2);
    meet(again, pg2);
    expect(pg2.judge(heldBack)).toBe('replayed');
    expect(pg2.judge(again.next())).toBe('fresh');
  });
});
