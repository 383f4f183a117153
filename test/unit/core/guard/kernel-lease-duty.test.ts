/** A primary that is being handed over loses no client to the kernel's part of a lease that it does not have yet. */
import { expect, test } from 'vitest';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import { cutsClientsOff } from '../../../../src/core/guard/kernel-lease-duty.ts';

test.each<[boolean, Duty]>([
  [false, { kind: 'observe', reason: 'not adopted' }],
  [false, { kind: 'adopt-lease', reason: 'the first' }],
  [true, { kind: 'fence', reason: 'no lease' }],
  [true, { kind: 'wait', reason: 'streams from pg1' }],
])('%s: %j', (cuts, duty) => {
  expect(cutsClientsOff(duty)).toBe(cuts);
});
