/** A pause and an override, as status shows them out of what each voter has in writing. */
import { expect, it } from 'vitest';
import type { LeaseObservation, PauseObservation } from '../../../../src/core/model/observation.ts';
import { pauseSeen } from '../../../../src/core/diagnose/pause-seen.ts';
import { overrideSeen } from '../../../../src/responder/read/by-people.ts';
import { leaseOf, primaryPostgres, seen, snapshotOf, standbyPostgres } from '../../../support/snapshot.ts';

const until = new Date(snapshotOf({}).at + 60_000).toISOString();
const PAUSE: PauseObservation = { number: 1, ended: false, reason: 'kernel update', by: 'mira', until };

function round(pg1: Partial<LeaseObservation>, pg2: Partial<LeaseObservation> = {}) {
  return snapshotOf({
    pg1: seen('pg1', primaryPostgres(), { lease: leaseOf('pg1', { entitled: true, ...pg1 }) }),
    pg2: seen('pg2', standbyPostgres(), { lease: leaseOf('pg1', pg2) }),
  });
}

it('a pause stands where one voter has it in writing', () => {
  expect(pauseSeen(round({}, { pause: PAUSE }))).toEqual({ until, by: 'mira', reason: 'kernel update' });
  expect(pauseSeen(round({}))).toBeNull();
  expect(pauseSeen(snapshotOf({ pg1: 'no route' }))).toBeNull();
});

it('a pause stands no more once one voter knows of its end, or its time has passed, or its lease is not the newest', () => {
  const ended = { ...PAUSE, number: 2, ended: true };
  expect(pauseSeen(round({ pause: ended }, { pause: PAUSE }))).toBeNull();
  const past = new Date(snapshotOf({}).at - 1).toISOString();
  expect(pauseSeen(round({ pause: { ...PAUSE, until: past } }))).toBeNull();
  expect(pauseSeen(round({ epoch: 4, uuid: 'newer' }, { pause: PAUSE }))).toBeNull();
});

it('an override is shown with its node and its words', () => {
  const override = { reason: 'pg2 burnt down', until };
  expect(overrideSeen(round({ override }))).toEqual({ node: 'pg1', ...override });
  expect(overrideSeen(round({}))).toBeNull();
});
