/** While people have paused the cluster nothing is joined; what must end is ended all the same. */
import { expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { leaveWords } from '../../../../src/core/lease/leave.ts';
import type { PauseObservation, Snapshot } from '../../../../src/core/model/observation.ts';
import { known } from '../../../../src/core/model/known.ts';
import type { Decision } from '../../../../src/core/plan/plan.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import {
  HAS_VIP,
  leaseOf,
  marker,
  primaryPostgres,
  promotedPostgres,
  seen,
  snapshotOf,
  standbyPostgres,
} from '../../../support/snapshot.ts';

const until = new Date(snapshotOf({}).at + 60_000).toISOString();
const PAUSE: PauseObservation = { number: 1, ended: false, reason: 'kernel update', by: 'mira', until };
const decide = (snapshot: Snapshot): Decision => makePlan(snapshot, diagnose(snapshot));

function fenced(pause: PauseObservation | null): Snapshot {
  const lease = leaseOf('pg1', { entitled: true, pause });
  return snapshotOf({
    pg1: seen('pg1', primaryPostgres(), { vip: HAS_VIP, lease }),
    pg2: seen('pg2', standbyPostgres({ role: 'down' }), {
      fence: known(marker()),
      lease: leaseOf('pg1'),
    }),
  });
}

it('a fenced node waits, and the reason names who paused, why and until when', () => {
  expect(decide(fenced(PAUSE))).toMatchObject({
    kind: 'refusal',
    code: 'paused',
    reason: `pg2 is not joined: paused until ${until} by mira: kernel update`,
  });
});

it('is joined once the pause has ended, or its time has passed', () => {
  const past = new Date(snapshotOf({}).at - 1).toISOString();
  for (const pause of [null, { ...PAUSE, number: 2, ended: true }, { ...PAUSE, until: past }])
    expect(decide(fenced(pause))).toMatchObject({ kind: 'plan', playbook: 'fenced-may-rejoin' });
});

it('an agent that begins again is no reason to wait', () => {
  const leave = { ...leaveWords(until), number: 1, ended: false };
  expect(decide(fenced(leave))).toMatchObject({ kind: 'plan', playbook: 'fenced-may-rejoin' });
});

it('a second primary is fenced all the same, and joined later', () => {
  const lease = leaseOf('pg1', { entitled: true, pause: PAUSE });
  const split = snapshotOf({
    pg1: seen('pg1', primaryPostgres(), { vip: HAS_VIP, lease }),
    pg2: seen('pg2', promotedPostgres(), { lease: leaseOf('pg1') }),
  });
  const decision = decide(split);
  expect(decision).toMatchObject({ kind: 'plan', playbook: 'dual-primary', node: 'pg2' });
  expect(decision.kind === 'plan' ? decision.steps.map(({ kind }) => kind) : []).toEqual(['fence']);
});
