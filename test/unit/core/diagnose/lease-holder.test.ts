/** Goal: a holder is named only where a majority of all voters stands by its lease. Method: a table of what three voters know. */
import { describe, expect, it } from 'vitest';
import { leaseHolder, mayHoldLease } from '../../../../src/core/diagnose/lease-holder.ts';
import { viewOf } from '../../../../src/core/diagnose/view.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { NodeObservation } from '../../../../src/core/model/observation.ts';
import {
  leaseOf,
  node,
  primaryPostgres,
  seen,
  snapshotOf,
  standbyPostgres,
} from '../../../support/snapshot.ts';

type Lease = NodeObservation['lease'];
const HOLDS = leaseOf('pg1', { entitled: true });
const KNOWS = leaseOf('pg1');
const NEWER = leaseOf('pg2', { epoch: 4, uuid: 'newer' });

const holderOf = (pg1: Lease | 'silent', pg2: Lease | 'silent', witness: Lease | 'silent') => {
  const look = (lease: Lease | 'silent', seenAs: NodeObservation) =>
    lease === 'silent' ? 'no route' : { ...seenAs, lease };
  const snapshot = snapshotOf({
    pg1: look(pg1, seen('pg1', primaryPostgres())),
    pg2: look(pg2, seen('pg2', standbyPostgres())),
    witness: look(witness, seen('witness', null)),
  });
  return leaseHolder(viewOf(snapshot))?.node ?? null;
};

describe('the lease holder of a round', () => {
  it.each<{ title: string; leases: Parameters<typeof holderOf>; holder: string | null }>([
    { title: 'is the entitled node that all know', leases: [HOLDS, KNOWS, KNOWS], holder: 'pg1' },
    {
      title: 'needs no answer of the third voter',
      leases: [HOLDS, 'silent', KNOWS],
      holder: 'pg1',
    },
    {
      title: 'is not named by itself alone',
      leases: [HOLDS, 'silent', 'silent'],
      holder: null,
    },
    {
      title: 'is not named where a majority was asked and forgot',
      leases: [HOLDS, known(null), known(null)],
      holder: null,
    },
    { title: 'is nobody whose deadline passed', leases: [KNOWS, KNOWS, KNOWS], holder: null },
    {
      title: 'is nobody whose deadline could not be read',
      leases: [unknown('no tmpfs'), KNOWS, KNOWS],
      holder: null,
    },
    {
      title: 'is nobody where a majority knows a newer epoch',
      leases: [HOLDS, NEWER, NEWER],
      holder: null,
    },
    {
      title: 'stays where a single voter granted a claim that failed',
      leases: [HOLDS, NEWER, KNOWS],
      holder: 'pg1',
    },
    {
      title: 'stays while it raises its epoch',
      leases: [HOLDS, leaseOf('pg1', { epoch: 5 }), KNOWS],
      holder: 'pg1',
    },
    {
      title: 'is nobody where the others know the same epoch by another name',
      leases: [HOLDS, leaseOf('pg1', { uuid: 'other' }), leaseOf('pg1', { uuid: 'other' })],
      holder: null,
    },
    {
      title: 'is nobody once a majority has it in writing that the lease was given away',
      leases: [
        HOLDS,
        leaseOf('pg1', { transferredTo: node('pg2') }),
        leaseOf('pg1', { transferredTo: node('pg2') }),
      ],
      holder: null,
    },
    {
      title: 'is nobody who counts itself entitled to the lease of another',
      leases: [leaseOf('pg2', { entitled: true }), leaseOf('pg2'), leaseOf('pg2')],
      holder: null,
    },
    {
      title: 'is nobody before the first lease',
      leases: [known(null), known(null), known(null)],
      holder: null,
    },
  ])('$title', ({ leases, holder }) => {
    expect(holderOf(...leases)).toBe(holder);
  });

  it('is counted of all configured voters, not of those that are asked', () => {
    const asked = snapshotOf({ pg1: seen('pg1', primaryPostgres(), { lease: HOLDS }) });
    expect(leaseHolder(viewOf(asked))?.node).toBe('pg1');
    expect(leaseHolder(viewOf({ ...asked, voters: 2 }))).toBeNull();
  });
});

it('a node whose files could not be read may hold the lease', () => {
  const about = (lease: Lease) => mayHoldLease(seen('pg1', primaryPostgres(), { lease }));
  expect([HOLDS, KNOWS, known(null), unknown('no disk')].map(about)).toEqual(['yes', 'no', 'no', 'unknown']);
});
