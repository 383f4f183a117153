/** Goal: hooks are told of what ended well, of nothing else, and hold nothing up. Method: the keeper's procedures with duties that need no server. */
import { expect, it } from 'vitest';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import type { KeeperContext } from '../../../../src/node/keeper/context.ts';
import { createProcedures } from '../../../../src/node/keeper/procedures.ts';

const reason = 'as the test wants it';

function ground() {
  const told: Duty['kind'][] = [];
  const context = {
    clock: { wallMillis: () => 0 },
    journal: { append: () => Promise.resolve() },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    node: { name: 'pg1' },
    lease: { held: () => null },
    hooks: { ended: ({ kind }: Duty) => told.push(kind), runs: () => [] },
  } as unknown as KeeperContext;
  let ended = 0;
  const procedures = createProcedures(context, () => {
    ended += 1;
  });
  return { told, procedures, ended: () => ended };
}

it('hooks are told of a procedure that ended well', async () => {
  const { told, procedures, ended } = ground();
  await procedures.begin({ kind: 'observe', reason });
  expect([told, ended()]).toEqual([['observe'], 1]);
  expect(procedures.running()).toEqual([]);
});

it('hooks are not told of one that failed', async () => {
  const { told, procedures, ended } = ground();
  await procedures.begin({ kind: 'promote-here', reason });
  expect([told, ended()]).toEqual([[], 1]);
});
