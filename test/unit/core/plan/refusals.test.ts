/** Goal: nobody is acted on where it cannot be told who, every unknown case included. Method: a table of snapshots and refusals. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { SystemIdentifier } from '../../../../src/core/model/names.ts';
import type { Snapshot } from '../../../../src/core/model/observation.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import {
  fencedPair,
  HAS_VIP,
  healthyPair,
  marker,
  primaryPostgres,
  promotedPostgres,
  seen,
  snapshotOf,
  standbyPostgres,
  streamingSender,
} from '../../../support/snapshot.ts';

const decide = (snapshot: Snapshot) => makePlan(snapshot, diagnose(snapshot));
const refusal = (snapshot: Snapshot): string => {
  const decision = decide(snapshot);
  return decision.kind === 'refusal' ? decision.code : decision.kind;
};

const follower = known([streamingSender]);
const holder = (changes = {}) => seen('pg1', primaryPostgres(changes), { vip: HAS_VIP });

describe('a refusal', () => {
  it.each<{ title: string; snapshot: Snapshot; code: string }>([
    { title: 'is not needed where all is well', snapshot: healthyPair(), code: 'nothing-to-do' },
    {
      title: 'where two primaries both have the VIP',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres(), { vip: HAS_VIP }) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the VIP is on nobody and both wrote',
      snapshot: snapshotOf({ pg1: seen('pg1', primaryPostgres()), pg2: seen('pg2', promotedPostgres()) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the standbys follow the one without the VIP',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres({ senders: follower })) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where half of the standbys follow the VIP holder',
      snapshot: snapshotOf({
        pg1: holder({ senders: follower }),
        pg2: seen('pg2', promotedPostgres({ senders: follower })),
      }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the histories are equal by number and nobody has the VIP',
      snapshot: snapshotOf({ pg1: seen('pg1', primaryPostgres()), pg2: seen('pg2', primaryPostgres()) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the address list of one primary was not read',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres(), { vip: unknown('no ip') }),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where a third node gives no answer',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres()), pg3: 'no route' }),
      code: 'not-all-seen',
    },
    {
      title: 'where the witness gives no answer',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres()), witness: 'no route' }),
      code: 'not-all-seen',
    },
    {
      title: 'where a third role is unknown',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres()),
        pg3: seen('pg3', standbyPostgres({ role: 'unknown' })),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where the marker of one primary was not read',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres(), { fence: unknown('no disk') }),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where it is not known who streams from whom',
      snapshot: snapshotOf({
        pg1: holder({ senders: unknown('timeout') }),
        pg2: seen('pg2', promotedPostgres()),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where a system identifier is unknown',
      snapshot: snapshotOf({
        pg1: holder({ systemIdentifier: unknown('timeout') }),
        pg2: seen('pg2', promotedPostgres()),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where the primaries are of two clusters',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen(
          'pg2',
          promotedPostgres({ systemIdentifier: known('7000000000000000002' as SystemIdentifier) }),
        ),
      }),
      code: 'foreign-system',
    },
    {
      title: 'where a history is unknown and the VIP does not tell',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres({ currentLsn: known(parseLsn('0/3F00000')) })),
        pg2: seen('pg2', promotedPostgres({ history: unknown('timeout') })),
      }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where a history cannot be read and the VIP does not tell',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres({ currentLsn: known(parseLsn('0/3F00000')) })),
        pg2: seen('pg2', promotedPostgres({ history: known('nonsense') })),
      }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where a node with unknown role has the VIP',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres()),
        pg2: seen('pg2', standbyPostgres({ role: 'unknown' }), { vip: HAS_VIP }),
      }),
      code: 'no-playbook',
    },
    {
      title: 'where a starting node has the VIP',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres()),
        pg2: seen('pg2', standbyPostgres({ role: 'starting' }), { vip: HAS_VIP }),
      }),
      code: 'role-starting',
    },
    {
      title: 'where a person fenced the node',
      snapshot: fencedPair({ fence: known(marker({ reason: 'operator' })) }),
      code: 'fenced-by-operator',
    },
    ...['stopped', 'stopped-for-successor'].map((reason) => ({
      title: `where a person stopped the node (${reason})`,
      snapshot: fencedPair({ fence: known(marker({ reason })) }),
      code: 'fenced-by-operator',
    })),
    {
      title: 'to rejoin while a third node gives no answer',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', standbyPostgres({ role: 'down' }), { fence: known(marker()) }),
        pg3: 'no route',
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where a node gives no answer and nothing else is wrong',
      snapshot: snapshotOf({ pg1: holder(), pg2: 'no route' }),
      code: 'no-playbook',
    },
  ])('is given $title', ({ snapshot, code }) => {
    expect(refusal(snapshot)).toBe(code);
  });
});
