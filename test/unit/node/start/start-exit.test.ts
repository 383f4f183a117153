/** What a start ends with after a join. */
import { expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { JOIN_REFUSALS, type JoinOutcome } from '../../../../src/node/start/joining.ts';
import { exitOfJoin } from '../../../../src/node/start/start-exit.ts';

const HOLDER = 'pg2' as NodeName;

test('a node that follows ends with 0 and says what was discarded', () => {
  const account = { bytes: 10, transactions: 4, clientTransactions: 3, bundle: '/salvage/x' };
  const outcome = { kind: 'following', how: 'rewind', account, seconds: 1 } as JoinOutcome;
  expect(exitOfJoin(outcome, HOLDER)).toEqual({
    exitCode: 0,
    what: "follows pg2 as a standby, after pg_rewind; 4 transactions were discarded and kept in /salvage/x, 3 of them clients'",
  });
});

test('what waits for a rejoin, for a person or for the next try has an exit code of its own', () => {
  const codes = JOIN_REFUSALS.map((code) => {
    const outcome: JoinOutcome = { kind: 'refused', code, reason: 'why', account: null, seconds: 1 };
    return [code, exitOfJoin(outcome, HOLDER).exitCode];
  });
  expect(Object.fromEntries(codes)).toEqual({
    locked: 10,
    'policy-observes': 12,
    fenced: 10,
    'rejoin-interrupted': 12,
    'vip-here': 10,
    'holder-not-writable': 10,
    replaying: 14,
    'client-transactions': 12,
    'not-accountable': 13,
  });
});
