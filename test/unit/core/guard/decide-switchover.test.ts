/** A planned change of roles goes ahead only where nothing would be lost and nobody would wait; each refusal has its word. */
import { describe, expect, test } from 'vitest';
import { decideSwitchover, type SwitchoverSnapshot } from '../../../../src/core/guard/decide-switchover.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { ASYNCHRONOUS } from '../../../../src/core/model/synchronous-word.ts';
import {
  holderSnapshot,
  leaseId,
  marker,
  NOW,
  other,
  PG1,
  PG2,
  PG3,
  serverReport,
  standbySnapshot,
  type Changes,
} from '../../../support/duty-snapshot.ts';

const WITNESS = 'witness' as NodeName;

/** pg2 is the primary, pg1 streams and is ready. */
function snapshot(changes: Partial<SwitchoverSnapshot> = {}, duty: Changes = {}): SwitchoverSnapshot {
  return {
    duty: holderSnapshot(duty),
    to: null,
    ownLsn: parseLsn('0/3000100'),
    streaming: [PG1],
    synchronous: ASYNCHRONOUS,
    maxLagBytes: 16_777_216,
    ...changes,
  };
}

/** pg1 streams as pg1. */
function synchronous(names: string, degraded = false): SwitchoverSnapshot {
  const server = serverReport('standby', '0/3000000');
  const others = [other(PG1, { server: server && { ...server, streamsAs: 'pg1' } })];
  return snapshot({ synchronous: { names, degraded, strangers: 0 } }, { rest: { others } });
}

describe('a switchover', () => {
  test.each(['FIRST 1 (pg3, PG1)', 'ANY 1 (*)'])('goes to a standby of the synchronous set %s', (names) => {
    expect(decideSwitchover(synchronous(names))).toMatchObject({ kind: 'go', successor: PG1 });
  });

  test('goes to any standby while the set is suspended: whatever was acknowledged is in the WAL that it receives', () => {
    expect(decideSwitchover(synchronous('pg3', true))).toMatchObject({ kind: 'go', successor: PG1 });
  });

  test('goes to the only standby', () => {
    expect(decideSwitchover(snapshot())).toMatchObject({ kind: 'go', successor: PG1 });
  });

  test('goes to the one that a person named, also where another has more WAL', () => {
    const others = [other(PG1), other(PG3, { server: serverReport('standby', '0/3000080') })];
    const both = { streaming: [PG1, PG3] };
    expect(decideSwitchover(snapshot({ ...both, to: PG1 }, { rest: { others } }))).toMatchObject({
      successor: PG1,
    });
    expect(decideSwitchover(snapshot(both, { rest: { others } }))).toMatchObject({ successor: PG3 });
  });

  test('passes over a better standby that does not stream from here', () => {
    const others = [other(PG1), other(PG3, { server: serverReport('standby', '0/3000080') })];
    expect(decideSwitchover(snapshot({}, { rest: { others } }))).toMatchObject({ successor: PG1 });
  });
});

describe('a switchover is refused', () => {
  const cases: readonly (readonly [string, string, SwitchoverSnapshot])[] = [
    ['on a standby', 'not-primary', { ...snapshot(), duty: standbySnapshot() }],
    ['on a node that was not adopted', 'not-primary', snapshot({}, { rest: { adopted: known(false) } })],
    ['where that is unknown', 'not-primary', snapshot({}, { rest: { adopted: unknown('unreadable') } })],
    ['where the server is not writable', 'not-primary', snapshot({}, { server: { state: 'recovery' } })],
    ['under a fence marker', 'fenced', snapshot({}, { rest: { marker: known(marker('operator')) } })],
    ['under a marker that cannot be read', 'fenced', snapshot({}, { rest: { marker: unknown('torn') } })],
    ['beside another procedure', 'busy', snapshot({}, { rest: { busy: 'rejoin' } })],
    ['without a fuse', 'unguarded', snapshot({}, { rest: { guardsMissingSince: NOW - 60_000 } })],
    ['under an override', 'forced', snapshot({}, { lease: { forced: true } })],
    ['without a majority', 'no-majority', snapshot({}, { lease: { majoritySeen: false } })],
    ['to a name that nobody has', 'unknown-node', snapshot({ to: 'pg9' as NodeName })],
    ['to itself', 'unknown-node', snapshot({ to: PG2 })],
    [
      'to a witness',
      'unknown-node',
      snapshot({ to: WITNESS }, { rest: { others: [other(PG1), other(WITNESS, { kind: 'witness' })] } }),
    ],
    ['to nobody', 'not-ready', snapshot({}, { rest: { others: [] } })],
    [
      'to one that is not ready',
      'not-ready',
      snapshot({ to: PG1 }, { rest: { others: [other(PG1, { readyToSucceed: false })] } }),
    ],
    [
      'to one whose last word is old',
      'not-ready',
      snapshot({}, { rest: { others: [other(PG1, {}, NOW - 5_000)] } }),
    ],
    ['to one that does not stream', 'not-streaming', snapshot({ streaming: [] })],
    ['to one far behind', 'behind', snapshot({ ownLsn: parseLsn('0/5000000') })],
    ['where its own position is not known', 'behind', snapshot({ ownLsn: null })],
    ['outside the synchronous set', 'outside-synchronous-set', synchronous('FIRST 1 (pg3)')],
    ['where the set cannot be read', 'outside-synchronous-set', synchronous('(')],
    ['where whether commits wait is unknown', 'outside-synchronous-set', snapshot({ synchronous: null })],
  ];

  test.each(cases)('%s: %s', (_case, code, it) => {
    expect(decideSwitchover(it)).toMatchObject({ kind: 'refused', code });
  });

  test('with the name of the node to ask', () => {
    const duty = standbySnapshot({ lease: { newest: { lease: leaseId(PG1), transferredTo: null } } });
    expect(decideSwitchover({ ...snapshot(), duty })).toMatchObject({
      reason: expect.stringContaining('pg1 holds the lease'),
    });
  });
});
