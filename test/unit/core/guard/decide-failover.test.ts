/** F1 to F22: each fails and is unknown for its own reasons, and each way in needs exactly the criteria that nothing stronger stands for. */
import { describe, expect, test } from 'vitest';
import { CRITERIA, WAYS, type CriterionCode, type Way } from '../../../../src/core/guard/criterion.ts';
import { decideFailover, isReadyToSucceed } from '../../../../src/core/guard/decide-failover.ts';
import type {
  CandidateServer,
  FailoverSnapshot,
  LastPrimary,
  Reach,
} from '../../../../src/core/guard/failover-snapshot.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { SynchronousWord } from '../../../../src/core/model/synchronous-word.ts';
import { CANDIDATE, LAST_PRIMARY, PASSING } from '../../../support/failover-snapshot.ts';

const NOT_SEEN = unknown('not seen');
const server = (changes: Partial<CandidateServer>): Partial<FailoverSnapshot> => ({
  server: { ...CANDIDATE, ...changes },
});
const last = (changes: Partial<LastPrimary>): Partial<FailoverSnapshot> => ({
  lastPrimary: known({ ...LAST_PRIMARY, ...changes }),
});
const word = (names: string): SynchronousWord => ({ names, degraded: false, strangers: 0 });
const rival = (lsn: string, priority = 100, node = 'pg3') => ({
  node: node as NodeName,
  priority,
  server: { lsn },
});
const HOUR = 3_600_000;

/** Changes that make this one criterion fail, or unknown, each with its reason. */
const WRONG: Readonly<
  Record<CriterionCode, readonly (readonly ['fail' | 'unknown', Partial<FailoverSnapshot>])[]>
> = {
  not_paused: [
    ['fail', { work: known('a rejoin is half done') }],
    ['unknown', { work: NOT_SEEN }],
  ],
  cooldown: [
    ['fail', { failoverAgesMs: known([599_000]) }],
    ['fail', { failoverAgesMs: known([700_000, 800_000, HOUR - 1]) }],
    ['unknown', { failoverAgesMs: NOT_SEEN }],
  ],
  local_standby_ok: [
    ['fail', server({ role: 'starting' })],
    ['fail', server({ role: 'down' })],
    ['fail', server({ replayPaused: known(true) })],
    ['fail', server({ applyDelayMs: known(60_000) })],
    ['fail', server({ freeDiskBytes: known(1_000_000) })],
    ['unknown', server({ role: 'unknown' })],
    ['unknown', server({ replayPaused: NOT_SEEN })],
    ['unknown', server({ applyDelayMs: NOT_SEEN })],
    ['unknown', server({ freeDiskBytes: NOT_SEEN })],
  ],
  same_system: [
    ['fail', server({ systemIdentifier: known('7000000000000000002') })],
    ['fail', last({ systemIdentifier: known('7000000000000000002') })],
    ['unknown', server({ systemIdentifier: NOT_SEEN })],
  ],
  timeline_current: [
    ['fail', server({ timeline: known(1) })],
    ['fail', server({ historyHash: known('fedcba9876543210') })],
    ['unknown', server({ timeline: NOT_SEEN })],
    ['unknown', server({ historyHash: NOT_SEEN })],
    ['unknown', last({ historyHash: NOT_SEEN })],
  ],
  primary_sql_dead: [
    ['fail', { primarySql: known('answers') }],
    ['unknown', { primarySql: NOT_SEEN }],
  ],
  primary_tcp_host: [
    ['fail', { primaryHost: known('answers') }],
    ['unknown', { primaryHost: NOT_SEEN }],
  ],
  receiver_stopped: [
    ['fail', server({ receiving: known(true) })],
    ['unknown', server({ receiving: NOT_SEEN })],
  ],
  heartbeat_stale: [
    ['fail', server({ heartbeatUnchangedMs: known(4_999) })],
    ['unknown', server({ heartbeatUnchangedMs: NOT_SEEN })],
  ],
  loss_bound: [
    ['fail', last({ lsn: known(parseLsn('0/4000001')) })],
    ['fail', last({ heartbeat: known(1_009.1) })],
    ['fail', { unheardMs: 10_001 }],
    ['fail', { unheardMs: 9_500, ...last({ heartbeat: known(1_001) }) }],
    ['fail', { unheardMs: 1_001, ...last({ synchronous: known(word('pg2')) }) }],
    ['fail', last({ synchronous: known(word('pg3')) })],
    ['fail', last({ synchronous: known({ ...word('pg2'), degraded: true }) })],
    ['unknown', last({ synchronous: known(word('(')) })],
    ['unknown', last({ lsn: NOT_SEEN })],
    ['unknown', last({ heartbeat: NOT_SEEN })],
    ['unknown', last({ synchronous: NOT_SEEN })],
    ['unknown', server({ heartbeat: NOT_SEEN })],
  ],
  own_network_ok: [
    ['fail', { gatewayAnswers: known(false) }],
    ['unknown', { gatewayAnswers: NOT_SEEN }],
  ],
  witness_reachable: [['unknown', { witness: NOT_SEEN }]],
  witness_agrees: [['fail', { witness: known({ seesPrimary: true, primaryAgeMs: 100 }) }]],
  majority: [
    ['fail', { votersSeen: known(1) }],
    ['fail', { votersSeen: known(2), voters: 4 }],
    ['unknown', { votersSeen: NOT_SEEN }],
  ],
  exclusive_grant: [
    ['fail', { grantable: known(false) }],
    ['unknown', { grantable: NOT_SEEN }],
  ],
  no_other_primary: [
    ['fail', { otherPrimaries: known(['pg3' as NodeName]) }],
    ['unknown', { otherPrimaries: NOT_SEEN }],
  ],
  best_candidate: [
    ['fail', { rivals: known([rival('0/3000001')]) }],
    ['fail', { rivals: known([rival('0/3000000', 200)]) }],
    ['fail', { rivals: known([rival('0/3000000', 100, 'pg0')]) }],
    ['unknown', { rivals: NOT_SEEN }],
  ],
  vip_free: [
    ['fail', { vipAnswered: known(true) }],
    ['unknown', { vipAnswered: NOT_SEEN }],
  ],
  old_primary_fenced: [['unknown', { grantable: NOT_SEEN }]],
  can_serve: [
    ['fail', server({ cannotServe: known('the fuse does not run') })],
    ['unknown', server({ cannotServe: NOT_SEEN })],
  ],
  keepalived_ready: [
    ['fail', { keepalivedFault: known('a script is not intact') }],
    ['unknown', { keepalivedFault: NOT_SEEN }],
  ],
  local_clock_sane: [
    ['fail', { clockSteady: known(false) }],
    ['unknown', { clockSteady: NOT_SEEN }],
  ],
};

/** checks.md section 1 and system.md section 3, "Promotion". */
const NEEDED: Readonly<Record<Way, readonly CriterionCode[]>> = {
  silence: CRITERIA.filter(
    (code) =>
      !['primary_sql_dead', 'receiver_stopped', 'heartbeat_stale', 'witness_agrees', 'old_primary_fenced', 'local_clock_sane'].includes(code),
  ),
  'certain-death': ['not_paused', 'cooldown', 'local_standby_ok', 'same_system', 'timeline_current', 'own_network_ok', 'majority', 'no_other_primary', 'can_serve', 'keepalived_ready'],
  'holder-in-recovery': ['not_paused', 'local_standby_ok', 'same_system', 'no_other_primary', 'can_serve'],
  switchover: ['not_paused', 'local_standby_ok', 'same_system', 'timeline_current', 'own_network_ok', 'majority', 'no_other_primary', 'can_serve', 'keepalived_ready'],
}; // prettier-ignore

const rows = CRITERIA.flatMap((code) => WRONG[code].map(([state, changes]) => ({ code, state, changes })));

describe.each(WAYS)('on the way %s', (way) => {
  test('a node that passes everything is promoted, with every criterion in its order', () => {
    const decision = decideFailover(PASSING, way);
    expect(decision).toMatchObject({ way, promote: true });
    expect(decision.criteria.map((it) => it.code)).toEqual(CRITERIA);
    expect(decision.criteria.every((it) => it.state === 'pass' && it.reason !== '')).toBe(true);
  });

  test('exactly the criteria that nothing stronger stands for are decisive', () => {
    const decisive = decideFailover(PASSING, way).criteria.filter((it) => it.decisive);
    expect(decisive.map((it) => it.code)).toEqual(NEEDED[way]);
  });

  test.each(rows)('$code: $state ($changes)', ({ code, state, changes }) => {
    const decision = decideFailover({ ...PASSING, ...changes }, way);
    expect(decision.criteria.find((it) => it.code === code)).toMatchObject({ state });
    expect(decision.promote && NEEDED[way].includes(code)).toBe(false);
  });
});

describe('the criteria', () => {
  test('do not count a failover that a verified rejoin followed, nor one of long ago', () => {
    const decision = decideFailover(
      { ...PASSING, failoverAgesMs: known([600_000, HOUR + 1, HOUR + 2, HOUR + 3]) },
      'silence',
    );
    expect(decision.promote).toBe(true);
  });

  test('take the last primary for the yardstick where no system identifier is configured', () => {
    const free = { ...PASSING, configuredSystemIdentifier: null };
    expect(decideFailover(free, 'silence').promote).toBe(true);
    expect(decideFailover({ ...free, lastPrimary: NOT_SEEN }, 'silence').promote).toBe(false);
  });

  test('accept a last primary whose server is back as a standby, though its agent is not heard', () => {
    const back = { primarySql: known<Reach>('standby'), primaryHost: known<Reach>('standby') };
    const { promote, criteria } = decideFailover({ ...PASSING, ...back }, 'silence');
    expect(promote).toBe(true);
    expect(criteria.find((it) => it.code === 'primary_sql_dead')).toMatchObject({ state: 'pass' });
  });

  test('do without witness and gateway where none is configured', () => {
    expect(decideFailover({ ...PASSING, witness: null, gatewayAnswers: null }, 'silence').promote).toBe(true);
  });

  test('excuse the node that gave its lease from being seen as a primary, and nobody else', () => {
    const giver = 'pg1' as NodeName;
    const seen = (name: string): FailoverSnapshot => ({
      ...PASSING,
      giver,
      otherPrimaries: known([name as NodeName]),
    });
    expect(decideFailover(seen('pg1'), 'certain-death').promote).toBe(true);
    expect(decideFailover(seen('pg3'), 'certain-death').promote).toBe(false);
  });

  test('accept a standby of the synchronous set', () => {
    const decision = decideFailover({ ...PASSING, ...last({ synchronous: known(word('pg2')) }) }, 'silence');
    expect(decision.promote).toBe(true);
  });

  test.each(rows)(
    'a node says that it is ready to succeed unless a matter of its own is wrong: $code $state',
    ({ code, changes }) => {
      const own: readonly CriterionCode[] = [
        'not_paused',
        'cooldown',
        'local_standby_ok',
        'same_system',
        'timeline_current',
        'can_serve',
        'keepalived_ready',
      ];
      expect(isReadyToSucceed(decideFailover({ ...PASSING, ...changes }, 'silence'))).toBe(
        !own.includes(code),
      );
    },
  );
});
