/** An agent that ends in order leaves its lease only where nobody waits for anything else. */
import { expect, test } from 'vitest';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import { whyNoLeave } from '../../../../src/core/guard/judge-leave.ts';
import { holderSnapshot, standbySnapshot } from '../../../support/duty-snapshot.ts';

const HOLD: Duty = { kind: 'hold', reason: 'entitled and writable' };

test('a holder whose server serves leaves its lease', () => {
  expect(whyNoLeave(holderSnapshot(), HOLD)).toBeNull();
});

test('who holds nothing has nothing to leave', () => {
  expect(whyNoLeave(standbySnapshot(), { kind: 'wait', reason: 'a standby' })).toMatch(/does not hold/);
});

test('a lease by an override, or one that people have paused, stays what it is', () => {
  expect(whyNoLeave(holderSnapshot({ lease: { forced: true } }), HOLD)).toMatch(/override/);
  const pause = 'paused until 22:30 by mira: kernel update';
  expect(whyNoLeave(holderSnapshot({ lease: { pause } }), HOLD)).toBe(pause);
});

test('nobody waits longer for a primary that does not serve, or is about to give its place away', () => {
  for (const state of ['none', 'recovery', 'between', 'orphans', 'unknown'] as const)
    expect(whyNoLeave(holderSnapshot({ server: { state } }), HOLD)).toMatch(/not writable/);
  const fence: Duty = { kind: 'fence', reason: 'no lease' };
  expect(whyNoLeave(holderSnapshot(), fence)).toMatch(/something to do: no lease/);
});
