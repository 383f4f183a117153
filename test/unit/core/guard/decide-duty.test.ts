/** The table of all situations: what a node does about its server, for each way in which things go wrong. */
import { describe, expect, test } from 'vitest';
import { decideDuty } from '../../../../src/core/guard/decide-duty.ts';
import type { Duty, DutySnapshot } from '../../../../src/core/guard/duty.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import {
  decision,
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

type Row = readonly [what: string, changes: Changes, expected: Partial<Duty>];

describe('a node that was not adopted', () => {
  test('touches nothing, not even a writable server without a lease', () => {
    const rest = { adopted: known(false), vipHere: known(true) };
    expect(decideDuty(standbySnapshot({ server: { state: 'writable' }, rest })).kind).toBe('observe');
  });

  test('gets the first lease once it is adopted, and its server is not touched meanwhile', () => {
    const server = { state: 'writable' } as const;
    expect(decideDuty(standbySnapshot({ server, lease: { newest: null } })).kind).toBe('adopt-lease');
    const justNow = { adoptedSince: NOW - 11_000 };
    expect(decideDuty(standbySnapshot({ server, rest: justNow })).kind).toBe('adopt-lease');
    expect(decideDuty(standbySnapshot({ server, rest: { adoptedSince: NOW - 13_000 } })).kind).toBe('fence');
  });
});

describe('a holder', () => {
  const dead = { state: 'none', since: NOW - 20 } as const;
  const rows: readonly Row[] = [
    ['serves', {}, { kind: 'hold' }],
    ['hands over at once when no process is left', { server: dead }, { kind: 'step-down', cause: 'dead', successor: PG1 }],
    ['hands over at once when orphans are left', { server: { state: 'orphans', since: NOW } }, { kind: 'step-down', cause: 'dead' }],
    ['waits a moment for a colleague who restarts it', { server: { ...dead, endedCleanly: true } }, { kind: 'wait' }],
    ['hands over when that colleague takes too long', { server: { state: 'none', since: NOW - 1_000, endedCleanly: true } }, { kind: 'step-down', cause: 'dead' }],
    ['starts it again where nobody is ready', { server: dead, rest: { others: [other(PG1, { readyToSucceed: false })] } }, { kind: 'step-down', successor: null }],
    ['does not name a standby that it has not heard lately', { server: dead, rest: { others: [other(PG1, {}, NOW - 1_600)] } }, { kind: 'step-down', successor: null }],
    ['does not name a node that was not adopted', { server: dead, rest: { others: [other(PG1, { adopted: false })] } }, { kind: 'step-down', successor: null }],
    ['promotes at once when its server is back in recovery', { server: { state: 'recovery', answersInRecovery: true }, rest: { failover: { 'holder-in-recovery': decision('holder-in-recovery', true) } } }, { kind: 'promote-here' }],
    ['does not promote what fails its criteria', { server: { state: 'recovery', since: NOW, answersInRecovery: true }, rest: { failover: { 'holder-in-recovery': decision('holder-in-recovery', false) } } }, { kind: 'wait' }],
    ['does not promote what was not judged', { server: { state: 'recovery', since: NOW, answersInRecovery: true } }, { kind: 'wait' }],
    ['waits for a server that replays, for a moment', { server: { state: 'recovery', since: NOW - 900, answersInRecovery: false } }, { kind: 'wait' }],
    ['hands over when replay takes too long', { server: { state: 'recovery', since: NOW - 1_000, answersInRecovery: false } }, { kind: 'step-down', cause: 'not-back' }],
    ['goes on waiting where nobody is ready', { server: { state: 'between', since: 0 }, rest: { others: [] } }, { kind: 'wait' }],
    ['counts its patience from the lease', { server: { state: 'recovery', since: 0, answersInRecovery: false }, lease: { entitledSince: NOW - 100 } }, { kind: 'wait' }],
    ['steps down when the server was silent for too long', { server: { silentSince: NOW - 4_000 } }, { kind: 'step-down', cause: 'silent' }],
    ['keeps a server that was silent for less', { server: { silentSince: NOW - 3_900 } }, { kind: 'hold' }],
    ['steps down when nothing can be written', { server: { cannotWriteSince: NOW - 5_000 } }, { kind: 'step-down', cause: 'cannot-write' }],
    ['keeps what cannot be written where nobody is ready', { server: { cannotWriteSince: NOW - 5_000 }, rest: { others: [] } }, { kind: 'hold' }],
    ['hands over when the VIP does not come', { rest: { vipMissingSince: NOW - 5_000 } }, { kind: 'step-down', cause: 'no-vip', successor: PG1 }],
    ['gives keepalived time to bring the VIP', { rest: { vipMissingSince: NOW - 4_900 } }, { kind: 'hold' }],
    ['serves on without the VIP where nobody is ready', { rest: { vipMissingSince: 0, others: [other(PG1, { readyToSucceed: false })] } }, { kind: 'hold' }],
    ['hands over when the fuse is missing', { rest: { guardsMissingSince: NOW - 1_000 } }, { kind: 'step-down', cause: 'guards-missing', successor: PG1 }],
    ['gives the fuse time to be started again', { rest: { guardsMissingSince: NOW - 900 } }, { kind: 'hold' }],
    ['goes on without the fuse where only the kernel fences', { rest: { guardsMissingSince: NOW - 1_000, others: [] } }, { kind: 'hold' }],
    ['ends itself where neither fuse nor kernel fence', { rest: { guardsMissingSince: NOW - 1_000, others: [], kernelLease: false } }, { kind: 'step-down', successor: null }],
    ['does not start again what others fenced', { server: dead, rest: { others: [], marker: known(marker('operator')) } }, { kind: 'wait' }],
    ['hands over what others fenced', { server: dead, rest: { marker: known(marker('operator')) } }, { kind: 'step-down', successor: PG1 }],
    ['does nothing about processes that it cannot see', { server: { state: 'unknown' } }, { kind: 'wait' }],
  ]; // prettier-ignore
  test.each(rows)('%s', (_what, changes, expected) => {
    expect(decideDuty(holderSnapshot(changes))).toMatchObject(expected);
  });

  test('gives to the standby with most WAL, then to the preferred one, then by name', () => {
    const successor = (...others: ReturnType<typeof other>[]): unknown => {
      const duty = decideDuty(holderSnapshot({ server: dead, rest: { others } }));
      return duty.kind === 'step-down' ? duty.successor : duty;
    };
    const more = { server: serverReport('standby', '0/4000000') };
    expect(successor(other(PG1, { priority: 200 }), other(PG3, more))).toBe(PG3);
    expect(successor(other(PG1), other(PG3, { priority: 200 }))).toBe(PG3);
    expect(successor(other(PG3), other(PG1))).toBe(PG1);
    expect(successor(other(PG1), other(PG3, { server: serverReport('standby', null) }))).toBe(PG1);
  });

  test('gives only to a standby that has what it owes itself', () => {
    const successor = (debt: DutySnapshot['debt'], lsn: string | null): unknown => {
      const others = [other(PG1, { server: serverReport('standby', lsn) })];
      return decideDuty(holderSnapshot({ server: dead, rest: { others, debt } }));
    };
    const owed = known(parseLsn('0/3000060'));
    expect(successor(owed, '0/3000060')).toMatchObject({ kind: 'step-down', successor: PG1 });
    expect(successor(owed, '0/300005F')).toMatchObject({ kind: 'step-down', successor: null });
    expect(successor(unknown('not JSON'), '0/4000000')).toMatchObject({ successor: null });
  });
});

describe('a node without the lease', () => {
  const lost = {
    entitledUntil: NOW - 1,
    newest: { lease: leaseId(PG2), transferredTo: null },
    newestWasHeld: true,
  };
  test('fences a writable server at once, whatever else is unknown', () => {
    const rest = {
      adopted: unknown('no answer'),
      marker: unknown('no answer'),
      vipHere: unknown('no answer'),
    };
    expect(decideDuty(standbySnapshot({ server: { state: 'writable' }, lease: lost, rest })).kind).toBe(
      'fence',
    );
  });

  test('fences orphans that stay, and the VIP', () => {
    const orphans = { state: 'orphans', since: NOW - 100 } as const;
    expect(decideDuty(standbySnapshot({ server: orphans })).kind).toBe('fence');
    expect(decideDuty(standbySnapshot({ server: { ...orphans, since: NOW - 50 } })).kind).toBe('wait');
    expect(decideDuty(standbySnapshot({ rest: { vipHere: known(true) } })).kind).toBe('fence');
  });

  const gone = { holderHeardAt: NOW - 2_700, mayClaim: true } as const;
  const passes = { failover: { silence: decision('silence', true) } };
  const down = { state: 'none', streamsFrom: null, answersInRecovery: false } as const;
  const apart = { streamsFrom: null, notStreamingSince: NOW - 3_000 };
  const bequest = { bequest: { lease: leaseId(PG1) } };
  const byDeath = { failover: { 'certain-death': decision('certain-death', true) } };
  const rows: readonly Row[] = [
    ['follows', {}, { kind: 'wait' }],
    ['asks the holder for WAL', { server: { ...apart, pointsTo: PG3 } }, { kind: 'follow', holder: PG1 }],
    ['waits where a server that was just started has not been asked where it points', { server: { streamsFrom: null, notStreamingSince: null, pointsTo: undefined } }, { kind: 'wait' }],
    ['waits a while for WAL that it asked for', { server: { ...apart, notStreamingSince: NOW - 2_900 } }, { kind: 'wait' }],
    ['joins where no WAL comes', { server: apart }, { kind: 'join', holder: PG1 }],
    ['joins where it is down', { server: down }, { kind: 'join', holder: PG1 }],
    ['does not join a holder that is not seen to be primary', { server: down, rest: { others: [other(PG1)] } }, { kind: 'wait' }],
    ['takes over when the holder fell silent and all criteria pass', { lease: gone, rest: passes }, { kind: 'take-over' }],
    ['does not take over while a criterion fails', { lease: gone }, { kind: 'wait' }],
    ['does not take over what was not judged', { lease: gone, rest: { failover: {} } }, { kind: 'wait' }],
    ['does not take over before the voters have waited', { lease: { ...gone, mayClaim: false }, rest: passes }, { kind: 'wait' }],
    ['does not take over while the holder is heard', { lease: { mayClaim: true }, rest: passes }, { kind: 'wait' }],
    ['does not take over behind a marker', { lease: gone, rest: { ...passes, marker: known(marker('operator')) } }, { kind: 'wait' }],
    ['does not take over behind a marker that cannot be read', { lease: gone, rest: { ...passes, marker: unknown('no answer') } }, { kind: 'wait' }],
    ['does not take over where its adoption cannot be read', { lease: gone, rest: { ...passes, adopted: unknown('no answer') } }, { kind: 'wait' }],
    ['does not take over beside other work', { lease: gone, rest: { ...passes, busy: 'rejoin' } }, { kind: 'wait' }],
    ['does not take over where no lease is known', { lease: { ...gone, newest: null }, rest: passes }, { kind: 'wait' }],
    ['succeeds who named it', { lease: bequest, rest: byDeath }, { kind: 'succeed', from: PG1 }],
    ['does not succeed while a criterion fails', { lease: bequest, rest: passes }, { kind: 'wait' }],
    ['starts first where it is named and down', { server: down, lease: bequest, rest: byDeath }, { kind: 'start' }],
    ['starts where nobody is known to be primary', { server: down, lease: gone }, { kind: 'start' }],
    ['leaves a server alone that is starting or stopping', { server: { state: 'between' } }, { kind: 'wait' }],
    ['clears its own marker by joining', { server: down, rest: { marker: known(marker('lease-lost')) } }, { kind: 'join' }],
    ['stays down behind the marker of others', { server: down, rest: { marker: known(marker('operator')) } }, { kind: 'wait' }],
  ]; // prettier-ignore
  test.each(rows)('%s', (_what, changes, expected) => {
    expect(decideDuty(standbySnapshot(changes))).toMatchObject(expected);
  });
});

describe('a node whose own lease ran out', () => {
  const own = {
    newest: { lease: leaseId(PG2), transferredTo: null },
    newestWasHeld: true,
    holderHeardAt: NOW - 5_000,
    mayClaim: true,
  };
  const foreign = (state: 'fail' | 'unknown'): NonNullable<Changes['rest']> => {
    const criteria = [{ code: 'same_system', state, reason: 'of another cluster', decisive: true }] as const;
    return { failover: { silence: { way: 'silence', promote: false, criteria } } };
  };
  const rows: readonly Row[] = [
    ['claims again', {}, { kind: 'reclaim' }],
    ['starts first', { server: { state: 'none' } }, { kind: 'start' }],
    ['does not claim without a majority in sight', { lease: { majoritySeen: false } }, { kind: 'wait' }],
    ['does not claim before its server answers', { server: { answersInRecovery: false } }, { kind: 'wait' }],
    ['does not claim with the data of another cluster', { rest: foreign('fail') }, { kind: 'wait' }],
    ['does not claim where nobody knows whose data it has', { rest: foreign('unknown') }, { kind: 'wait' }],
    ['does not claim before the criteria were judged', { rest: { failover: {} } }, { kind: 'wait' }],
    ['does not claim without its fuse', { rest: { guardsMissingSince: 0 } }, { kind: 'wait' }],
    ['needs the criteria where it never held that lease', { lease: { newestWasHeld: false } }, { kind: 'wait' }],
    ['needs the criteria where it gave that lease away', { lease: { newest: { lease: leaseId(PG2), transferredTo: PG1 } } }, { kind: 'wait' }],
    ['stays down for the heir that it named', { server: { state: 'none' }, lease: { holderHeardAt: NOW - 100, newest: { lease: leaseId(PG2), transferredTo: PG1 } } }, { kind: 'wait' }],
    ['starts where that heir never came', { server: { state: 'none' }, lease: { newest: { lease: leaseId(PG2), transferredTo: PG1 } } }, { kind: 'start' }],
  ]; // prettier-ignore
  test.each(rows)('%s', (_what, { server = {}, lease = {}, rest = {} }, expected) => {
    const idle = { streamsFrom: null, pointsTo: null, ...server };
    expect(decideDuty(standbySnapshot({ server: idle, lease: { ...own, ...lease }, rest }))).toMatchObject(
      expected,
    );
  });
});

describe('a pause', () => {
  const lease = { pause: 'paused until 22:30 by mira: kernel update' };
  const promotable = { failover: { 'holder-in-recovery': decision('holder-in-recovery', true) } };
  const dead = { state: 'none', since: 0 } as const;
  const holders: readonly Row[] = [
    ['keeps a server that serves', { lease }, { kind: 'hold' }],
    ['keeps one that was silent for long', { lease, server: { silentSince: 0 } }, { kind: 'hold' }],
    ['keeps one that cannot write', { lease, server: { cannotWriteSince: 0 } }, { kind: 'hold' }],
    ['keeps one whose fuse is missing', { lease, rest: { guardsMissingSince: 0, kernelLease: false } }, { kind: 'hold' }],
    ['leaves a server that is down to people, although a successor is ready', { lease, server: dead }, { kind: 'wait' }],
    ['does not end orphans', { lease, server: { state: 'orphans', since: 0 } }, { kind: 'wait' }],
    ['promotes what people have started again', { lease, server: { state: 'recovery', answersInRecovery: true }, rest: promotable }, { kind: 'promote-here' }],
    ['hands over to nobody however long replay takes', { lease, server: { state: 'recovery', since: 0, answersInRecovery: false } }, { kind: 'wait' }],
    ['promotes nothing without the fuse', { lease, server: { state: 'recovery' , answersInRecovery: true }, rest: { ...promotable, guardsMissingSince: 0 } }, { kind: 'wait' }],
    ['promotes nothing that people have fenced', { lease, server: { state: 'recovery' , answersInRecovery: true }, rest: { ...promotable, marker: known(marker('operator')) } }, { kind: 'wait' }],
  ]; // prettier-ignore
  test.each(holders)('of a holder %s', (_what, changes, expected) => {
    expect(decideDuty(holderSnapshot(changes))).toMatchObject(expected);
  });

  const silent = { ...lease, holderHeardAt: NOW - 60_000, mayClaim: true };
  const standbys: readonly Row[] = [
    ['nobody takes over from a holder that fell silent', { lease: silent, rest: { failover: { silence: decision('silence', true) } } }, { kind: 'wait' }],
    ['a server that is down stays down', { lease, server: { state: 'none' } }, { kind: 'wait' }],
    ['a standby without WAL is not rejoined', { lease, server: { streamsFrom: null, notStreamingSince: 0 } }, { kind: 'wait' }],
    ['a writable server without the lease is fenced all the same', { lease, server: { state: 'writable' } }, { kind: 'fence' }],
    ['the VIP without the lease is taken away all the same', { lease, rest: { vipHere: known(true) } }, { kind: 'fence' }],
    ['the last holder itself comes back', { lease: { ...silent, newest: { lease: leaseId(PG2), transferredTo: null }, newestWasHeld: true } }, { kind: 'reclaim' }],
  ]; // prettier-ignore
  test.each(standbys)('elsewhere: %s', (_what, changes, expected) => {
    expect(decideDuty(standbySnapshot(changes))).toMatchObject(expected);
  });
});
