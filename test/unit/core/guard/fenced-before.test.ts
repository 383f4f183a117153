/** A fence by another guard is seen once, and nothing else is taken for one. */
import { describe, expect, test } from 'vitest';
import type { Duty, DutySnapshot, ServerState } from '../../../../src/core/guard/duty.ts';
import { fencedBefore } from '../../../../src/core/guard/fenced-before.ts';
import { holderSnapshot, standbySnapshot } from '../../../support/duty-snapshot.ts';

const HOLD: Duty = { kind: 'hold', reason: 'entitled and writable' };
const WAIT: Duty = { kind: 'wait', reason: 'nobody is known to be primary' };

const entitled = (state: ServerState): DutySnapshot => holderSnapshot({ server: { state } });
const bare = (state: ServerState): DutySnapshot =>
  standbySnapshot({ server: { state }, lease: { entitledUntil: null } });

/** What a row of looks comes to: how often it was fenced. */
function fences(looks: readonly (readonly [DutySnapshot, Duty, boolean?])[]): number {
  let [serves, count] = [false, 0];
  for (const [snapshot, duty, busy = false] of looks) {
    const now = fencedBefore(serves, snapshot, duty, busy);
    serves = now.serves;
    count += now.fenced ? 1 : 0;
  }
  return count;
}

describe('a primary that another guard ended', () => {
  test('is told once, however long it lies', () => {
    expect(
      fences([
        [entitled('writable'), HOLD],
        [bare('none'), WAIT],
        [bare('none'), WAIT],
      ]),
    ).toBe(1);
  });

  test('is told when its processes are gone, or it was started again', () => {
    const between = [bare('between'), WAIT] as const;
    expect(fences([[entitled('writable'), HOLD], between])).toBe(0);
    expect(fences([[entitled('writable'), HOLD], between, [bare('none'), WAIT]])).toBe(1);
    expect(fences([[entitled('writable'), HOLD], between, [bare('recovery'), WAIT]])).toBe(1);
  });
});

describe('not told twice, or where nobody fenced', () => {
  const fence: Duty = { kind: 'fence', reason: 'writable without a lease' };

  test('the agent fences itself: that procedure tells', () => {
    const looks = [
      [entitled('writable'), HOLD],
      [bare('writable'), fence],
      [bare('none'), WAIT, true],
      [bare('none'), WAIT],
    ] as const;
    expect(fences(looks)).toBe(0);
  });

  test('a server that ended while the node was entitled', () => {
    expect(
      fences([
        [entitled('writable'), HOLD],
        [entitled('none'), HOLD],
        [bare('none'), WAIT],
      ]),
    ).toBe(0);
  });

  test('a step-down or a stop of this agent is under way', () => {
    expect(
      fences([
        [entitled('writable'), HOLD],
        [bare('none'), WAIT, true],
        [bare('none'), WAIT],
      ]),
    ).toBe(0);
  });

  test('a standby, an agent that has just begun, a node given back', () => {
    expect(
      fences([
        [bare('recovery'), WAIT],
        [bare('none'), WAIT],
      ]),
    ).toBe(0);
    const observe: Duty = { kind: 'observe', reason: 'not adopted' };
    expect(
      fences([
        [entitled('writable'), HOLD],
        [bare('writable'), observe],
        [bare('none'), observe],
      ]),
    ).toBe(0);
  });

  test('a server that writes on without a lease is not fenced yet', () => {
    expect(
      fences([
        [entitled('writable'), HOLD],
        [bare('writable'), WAIT],
        [bare('none'), WAIT],
      ]),
    ).toBe(0);
  });
});
