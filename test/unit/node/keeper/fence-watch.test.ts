/** A fence by the fuse or the dead-man script is told to people's commands like one by the agent. */
import { expect, test } from 'vitest';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import type { KeeperContext } from '../../../../src/node/keeper/context.ts';
import { createFenceWatch } from '../../../../src/node/keeper/fence-watch.ts';
import { eventAfter } from '../../../../src/node/hooks/event-after.ts';
import { holderSnapshot, standbySnapshot } from '../../../support/duty-snapshot.ts';

const HOLD: Duty = { kind: 'hold', reason: 'entitled and writable' };
const WAIT: Duty = { kind: 'wait', reason: 'nobody is known to be primary' };
const DOWN = standbySnapshot({ server: { state: 'none' }, lease: { entitledUntil: null } });

function watched(): { readonly watch: ReturnType<typeof createFenceWatch>; readonly told: unknown[] } {
  const told: unknown[] = [];
  const context = {
    hooks: { ended: (...it: Parameters<KeeperContext['hooks']['ended']>) => told.push(eventAfter(...it)) },
    log: { warn: () => undefined },
  } as unknown as KeeperContext;
  return { watch: createFenceWatch(context), told };
}

test('it is the event fenced, once', () => {
  const { watch, told } = watched();
  watch(holderSnapshot(), HOLD, false);
  expect(told).toEqual([]);
  watch(DOWN, WAIT, false);
  watch(DOWN, WAIT, false);
  expect(told).toEqual(['fenced']);
});

test('it is told again of the next time', () => {
  const { watch, told } = watched();
  for (const _ of [1, 2]) {
    watch(holderSnapshot(), HOLD, false);
    watch(DOWN, WAIT, false);
  }
  expect(told).toEqual(['fenced', 'fenced']);
});
