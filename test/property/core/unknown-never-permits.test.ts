/** Goal: seeing less never allows more. Method: any snapshot that is refused stays refused when anything in it becomes unknown. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import { known, unknown, type Known } from '../../../src/core/model/known.ts';
import { parseLsn } from '../../../src/core/model/lsn.ts';
import type { NodeObservation, Snapshot } from '../../../src/core/model/observation.ts';
import { ROLES } from '../../../src/core/model/role.ts';
import { makePlan } from '../../../src/core/plan/make-plan.ts';
import {
  HAS_VIP,
  leaseOf,
  marker,
  node,
  primaryPostgres,
  promotedPostgres,
  seen,
  snapshotOf,
  standbyPostgres,
  streamingSender,
} from '../../support/snapshot.ts';

const RUNS = 3_000;

const postgres = fc.record({
  role: fc.constantFrom(...ROLES),
  promoted: fc.boolean(),
  end: fc.constantFrom('0/3000000', '0/4000000', '0/5000000'),
  followers: fc.integer({ min: 0, max: 2 }),
});

/** Also what cannot be: two holders at once, and a deadline for another's lease. */
const lease = fc.oneof(
  fc.constant(known(null)),
  fc
    .tuple(fc.constantFrom('pg1', 'pg2'), fc.integer({ min: 3, max: 4 }), fc.boolean())
    .map(([holder, epoch, entitled]) => leaseOf(holder, { epoch, entitled })),
);

const observation = (name: string): fc.Arbitrary<NodeObservation> =>
  fc
    .record({
      postgres,
      vip: fc.boolean(),
      fence: fc.constantFrom(null, 'fencing', 'fenced', 'operator'),
      rejoining: fc.boolean(),
      lease,
    })
    .map((drawn) => {
      const changes = {
        role: drawn.postgres.role,
        currentLsn: known(parseLsn(drawn.postgres.end)),
        senders: known(Array.from({ length: drawn.postgres.followers }, () => streamingSender)),
      };
      const base = drawn.postgres.promoted ? promotedPostgres : primaryPostgres;
      return seen(name, drawn.postgres.role === 'standby' ? standbyPostgres(changes) : base(changes), {
        ...(drawn.vip ? { vip: HAS_VIP } : {}),
        lease: drawn.lease,
        fence: known(markerOf(drawn.fence)),
        rejoin: known(
          drawn.rejoining ? { phase: 'started', survivor: node('pg1'), startedAt: 0 as never } : null,
        ),
      });
    });

function markerOf(fence: string | null) {
  if (fence === null) return null;
  return fence === 'fencing'
    ? marker({ state: 'fencing' })
    : marker(fence === 'operator' ? { reason: fence } : {});
}

const snapshots: fc.Arbitrary<Snapshot> = fc
  .tuple(observation('pg1'), observation('pg2'), observation('pg3'), fc.integer({ min: 2, max: 3 }))
  .map(([pg1, pg2, pg3, count]) => snapshotOf(count === 2 ? { pg1, pg2 } : { pg1, pg2, pg3 }));

/** Everything that can be lost from one node's look. */
const losses: readonly ((look: NodeObservation) => Known<NodeObservation>)[] = [
  () => unknown('no route'),
  (look) => known({ ...look, vip: unknown('lost') }),
  (look) => known({ ...look, fence: unknown('lost') }),
  (look) => known({ ...look, rejoin: unknown('lost') }),
  (look) => known({ ...look, lease: unknown('lost') }),
  (look) => losePostgres(look, { role: 'unknown' }),
  (look) => losePostgres(look, { timeline: unknown('lost') }),
  (look) => losePostgres(look, { history: unknown('lost') }),
  (look) => losePostgres(look, { currentLsn: unknown('lost') }),
  (look) => losePostgres(look, { senders: unknown('lost') }),
  (look) => losePostgres(look, { systemIdentifier: unknown('lost') }),
];

function losePostgres(
  look: NodeObservation,
  changes: Partial<NonNullable<NodeObservation['postgres']>>,
): Known<NodeObservation> {
  return known(look.postgres === null ? look : { ...look, postgres: { ...look.postgres, ...changes } });
}

const decide = (snapshot: Snapshot) => makePlan(snapshot, diagnose(snapshot));

it('a snapshot without a plan gets none by losing knowledge', () => {
  let refused = 0;
  fc.assert(
    fc.property(snapshots, fc.nat({ max: 2 }), fc.constantFrom(...losses), (snapshot, index, lose) => {
      if (decide(snapshot).kind === 'plan') return;
      refused += 1;
      const names = [...snapshot.nodes.keys()];
      const name = names[index % names.length];
      const look = name === undefined ? undefined : snapshot.nodes.get(name);
      if (name === undefined || look?.kind !== 'known') throw new Error('the snapshot has no such node');
      const nodes = new Map(snapshot.nodes).set(name, lose(look.value));
      expect(decide({ ...snapshot, nodes }).kind).not.toBe('plan');
    }),
    { numRuns: RUNS },
  );
  expect(refused).toBeGreaterThan(RUNS / 20);
});

it('a node whose role or addresses are unknown is never the one that is fenced, unless it carries a marker', () => {
  let plans = 0;
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const decision = decide(snapshot);
      if (decision.kind !== 'plan') return;
      plans += 1;
      const look = snapshot.nodes.get(decision.node);
      if (look?.kind !== 'known') throw new Error('a plan for a node that was not seen');
      const { fence, vip } = look.value;
      const marked = fence.kind === 'known' && fence.value !== null;
      expect(marked || (look.value.postgres?.role !== 'unknown' && vip.kind !== 'unknown')).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(plans).toBeGreaterThan(RUNS / 20);
});

it('a node that holds the lease, or may hold it, is never fenced', () => {
  let fences = 0;
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const decision = decide(snapshot);
      if (decision.kind !== 'plan' || !decision.steps.some((step) => step.kind === 'fence')) return;
      fences += 1;
      const look = snapshot.nodes.get(decision.node);
      if (look?.kind !== 'known') throw new Error('a plan for a node that was not seen');
      expect(look.value.lease.kind === 'known' && look.value.lease.value?.entitled !== true).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(fences).toBeGreaterThan(RUNS / 20);
});
