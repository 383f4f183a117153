/** Goal: seeing less never permits a promotion. Method: draw any evidence, turn any of it into unknown, and compare the two decisions. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WAYS } from '../../../src/core/guard/criterion.ts';
import { decideDuty } from '../../../src/core/guard/decide-duty.ts';
import { decideFailover } from '../../../src/core/guard/decide-failover.ts';
import type { DutyKind } from '../../../src/core/guard/duty.ts';
import type { FailoverSnapshot } from '../../../src/core/guard/failover-snapshot.ts';
import { known, unknown, type Known } from '../../../src/core/model/known.ts';
import { parseLsn, type Lsn } from '../../../src/core/model/lsn.ts';
import type { NodeName } from '../../../src/core/model/names.ts';
import { ROLES } from '../../../src/core/model/role.ts';
import { decision, leaseId, marker, NOW, PG1, standbySnapshot } from '../../support/duty-snapshot.ts';
import { CANDIDATE, LAST_PRIMARY, PASSING } from '../../support/failover-snapshot.ts';

const RUNS = 3_000;
const NOT_SEEN = unknown('not seen');

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> =>
  fc.oneof({ weight: 5, arbitrary: values.map(known) }, { weight: 1, arbitrary: fc.constant(NOT_SEEN) });
const lsn: fc.Arbitrary<Lsn> = fc.constantFrom('0/3000000', '0/3000100', '0/9000000').map(parseLsn);
const reach = maybe(
  fc.constantFrom('answers' as const, 'standby' as const, 'refused' as const, 'silent' as const),
);

const server = fc.record({
  role: fc.constantFrom(...ROLES),
  roleReason: fc.constant('drawn'),
  replayPaused: maybe(fc.boolean()),
  applyDelayMs: maybe(fc.constantFrom(0, 1_000)),
  freeDiskBytes: maybe(fc.constantFrom(1, 10_000_000_000)),
  systemIdentifier: maybe(fc.constantFrom('7000000000000000001', '7000000000000000002')),
  timeline: maybe(fc.constantFrom(1, 2)),
  historyHash: maybe(fc.constantFrom('0123456789abcdef', 'fedcba9876543210')),
  receiving: maybe(fc.boolean()),
  receiveLsn: maybe(lsn),
  heartbeat: maybe(fc.constantFrom(900, 999)),
  heartbeatUnchangedMs: maybe(fc.constantFrom(0, 9_000)),
  dataEpoch: fc.option(fc.integer({ min: 1, max: 3 })),
  streamsAs: maybe(fc.constantFrom('pg2', 'other')),
  cannotServe: maybe(fc.constantFrom(null, 'drawn')),
});

const lastPrimary = fc.record({
  node: fc.constant(LAST_PRIMARY.node),
  ageMs: fc.constant(3_000),
  systemIdentifier: maybe(fc.constant('7000000000000000001')),
  timeline: maybe(fc.constantFrom(1, 2)),
  historyHash: maybe(fc.constantFrom('0123456789abcdef', 'fedcba9876543210')),
  lsn: maybe(lsn),
  heartbeat: maybe(fc.constantFrom(900, 1_000)),
  synchronous: maybe(
    fc.record({
      names: fc.constantFrom('', 'pg2', 'ANY 1 (pg2, pg3)', '('),
      degraded: fc.boolean(),
      strangers: fc.constantFrom(0, 1),
    }),
  ),
});

const snapshot: fc.Arbitrary<FailoverSnapshot> = fc.record({
  self: fc.constant(PASSING.self),
  priority: fc.constant(100),
  giver: fc.constantFrom(null, PG1),
  work: maybe(fc.constantFrom(null, 'drawn')),
  failoverAgesMs: maybe(fc.constantFrom([], [1_000], [700_000, 800_000, 900_000])),
  server: fc.oneof(server, fc.constant(CANDIDATE)),
  configuredSystemIdentifier: fc.constantFrom(null, '7000000000000000001'),
  lastPrimary: maybe(fc.oneof(lastPrimary, fc.constant(LAST_PRIMARY))),
  unheardMs: fc.constantFrom(0, 20_000),
  primarySql: reach,
  primaryHost: reach,
  gatewayAnswers: fc.oneof(fc.constant(null), maybe(fc.boolean())),
  witness: fc.oneof(
    fc.constant(null),
    maybe(fc.record({ seesPrimary: fc.boolean(), primaryAgeMs: fc.constant(1) })),
  ),
  votersSeen: maybe(fc.constantFrom(1, 2, 3)),
  voters: fc.constant(3),
  databases: fc.constantFrom(2, 3),
  grantable: maybe(fc.boolean()),
  otherPrimaries: maybe(fc.constantFrom<readonly NodeName[]>([], [PG1])),
  rivals: maybe(fc.constant([])),
  vipAnswered: maybe(fc.boolean()),
  keepalivedFault: maybe(fc.constantFrom(null, 'drawn')),
  clockSteady: maybe(fc.boolean()),
  limits: fc.constant(PASSING.limits),
});

/** Every `Known` in the value may become unknown, as `blind` says for the one and the next. */
function blinded(value: unknown, blind: () => boolean): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { kind } = value as { readonly kind?: unknown };
  if (kind === 'known' && blind()) return NOT_SEEN;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, blinded(it, blind)]));
}

const blindness = fc.infiniteStream(fc.boolean());

test('no evidence that turns unknown turns a refusal into a promotion, on any way in', () => {
  fc.assert(
    fc.property(snapshot, blindness, fc.constantFrom(...WAYS), (seen, blind, way) => {
      const before = decideFailover(seen, way);
      const next = (): boolean => blind.next().value ?? true;
      const after = decideFailover(blinded(seen, next) as FailoverSnapshot, way);
      return !after.promote || before.promote;
    }),
    { numRuns: RUNS },
  );
});

test('nothing at all is known: refused on every way in', () => {
  for (const way of WAYS)
    expect(decideFailover(blinded(PASSING, () => true) as FailoverSnapshot, way).promote).toBe(false);
});

const RISKY: ReadonlySet<DutyKind> = new Set<DutyKind>([
  'take-over',
  'succeed',
  'reclaim',
  'promote-here',
  'adopt-lease',
  'start',
  'join',
]);

test('no duty that makes something writable, or touches data, follows from an unknown adoption or marker', () => {
  const states = ['writable', 'recovery', 'between', 'orphans', 'none', 'unknown'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...states),
      fc.constantFrom(known(true), NOT_SEEN),
      fc.constantFrom(known(null), known(marker('operator')), NOT_SEEN),
      fc.boolean(),
      fc.boolean(),
      (state, adopted, fence, named, held) => {
        const duty = decideDuty(
          standbySnapshot({
            server: { state, streamsFrom: null, since: 0 },
            lease: {
              bequest: named ? { lease: leaseId(PG1) } : null,
              newestWasHeld: held,
              holderHeardAt: NOW - 5_000,
              mayClaim: true,
            },
            rest: {
              adopted,
              marker: fence,
              failover: {
                silence: decision('silence', true),
                'certain-death': decision('certain-death', true),
              },
            },
          }),
        );
        const allKnown = adopted.kind === 'known' && fence.kind === 'known' && fence.value === null;
        const isSafe = allKnown || !RISKY.has(duty.kind);
        return isSafe && (state !== 'writable' || duty.kind === 'fence');
      },
    ),
    { numRuns: RUNS },
  );
});
