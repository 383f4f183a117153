/** Goal: each condition is found where it is, and not where it is not. Method: one snapshot per case, the kinds found compared. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { SystemIdentifier } from '../../../../src/core/model/names.ts';
import type { Snapshot } from '../../../../src/core/model/observation.ts';
import {
  downPostgres,
  fencedPair,
  HAS_VIP,
  healthyPair,
  marker,
  primaryPostgres,
  promotedPostgres,
  seen,
  snapshotOf,
  splitPair,
  standbyPostgres,
} from '../../../support/snapshot.ts';

const primary = () => seen('pg1', primaryPostgres(), { vip: HAS_VIP });

const cases: readonly {
  readonly title: string;
  readonly snapshot: Snapshot;
  readonly kinds: readonly string[];
}[] = [
  { title: 'a healthy pair has no finding', snapshot: healthyPair(), kinds: [] },
  {
    title: 'two primaries whose histories parted are dual-primary and history-forked',
    snapshot: splitPair(),
    kinds: ['dual-primary', 'history-forked'],
  },
  {
    title: 'two primaries of one timeline are dual-primary alone, because equal branches prove nothing',
    snapshot: snapshotOf({ pg1: primary(), pg2: seen('pg2', primaryPostgres()) }),
    kinds: ['dual-primary'],
  },
  {
    title: 'the VIP on a standby is found, and that the primary lacks it is not a finding of its own',
    snapshot: snapshotOf({
      pg1: seen('pg1', primaryPostgres()),
      pg2: seen('pg2', standbyPostgres(), { vip: HAS_VIP }),
    }),
    kinds: ['vip-on-non-primary'],
  },
  {
    title: 'the VIP on primary and standby is a conflict as well',
    snapshot: snapshotOf({ pg1: primary(), pg2: seen('pg2', standbyPostgres(), { vip: HAS_VIP }) }),
    kinds: ['vip-on-non-primary', 'vip-conflict'],
  },
  {
    title: 'the VIP on nobody is missing',
    snapshot: snapshotOf({ pg1: seen('pg1', primaryPostgres()), pg2: seen('pg2', standbyPostgres()) }),
    kinds: ['vip-missing'],
  },
  {
    title: 'no primary is found where all were seen',
    snapshot: snapshotOf({
      pg1: seen('pg1', downPostgres()),
      pg2: seen('pg2', standbyPostgres()),
    }),
    kinds: ['vip-missing', 'no-primary'],
  },
  {
    title: 'neither no-primary nor vip-missing is claimed while a node gives no answer',
    snapshot: snapshotOf({ pg1: 'no route', pg2: seen('pg2', standbyPostgres()) }),
    kinds: ['node-unreachable'],
  },
  {
    title: 'neither no-primary is claimed while a role is unknown',
    snapshot: snapshotOf({
      pg1: seen('pg1', primaryPostgres({ role: 'unknown', roleReason: 'stopped by a signal' }), {
        vip: HAS_VIP,
      }),
      pg2: seen('pg2', standbyPostgres()),
    }),
    kinds: ['role-unknown'],
  },
  {
    title: 'an unread address list and an unread marker are findings',
    snapshot: snapshotOf({
      pg1: seen('pg1', primaryPostgres(), { vip: HAS_VIP }),
      pg2: seen('pg2', standbyPostgres(), { vip: unknown('no ip'), fence: unknown('no disk') }),
    }),
    kinds: ['vip-unknown', 'fence-unknown'],
  },
  {
    title: 'a fenced node with one primary beside it may rejoin',
    snapshot: fencedPair(),
    kinds: ['fenced-may-rejoin'],
  },
  {
    title: 'a marker that still says fencing is an interrupted fence',
    snapshot: fencedPair({ fence: known(marker({ state: 'fencing' })) }),
    kinds: ['fence-interrupted'],
  },
  {
    title: 'a fenced node that has the VIP is an interrupted fence',
    snapshot: fencedPair({ vip: HAS_VIP }),
    kinds: ['fence-interrupted', 'vip-on-non-primary', 'vip-conflict'],
  },
  {
    title: 'a fenced node that is primary again is an interrupted fence',
    snapshot: snapshotOf({
      pg1: primary(),
      pg2: seen('pg2', promotedPostgres(), { fence: known(marker()) }),
    }),
    kinds: ['fence-interrupted', 'dual-primary', 'history-forked'],
  },
  {
    title: 'a fenced node without any primary waits',
    snapshot: snapshotOf({
      pg1: seen('pg1', standbyPostgres(), {}),
      pg2: seen('pg2', downPostgres(), { fence: known(marker()) }),
    }),
    kinds: ['fenced-no-primary', 'vip-missing', 'no-primary'],
  },
  {
    title: 'servers of two clusters are told apart',
    snapshot: snapshotOf({
      pg1: primary(),
      pg2: seen(
        'pg2',
        standbyPostgres({ systemIdentifier: known('7000000000000000002' as SystemIdentifier) }),
      ),
    }),
    kinds: ['foreign-system'],
  },
  {
    title: 'a follower that merely lags behind a promotion is silent',
    snapshot: snapshotOf({
      pg1: seen('pg1', promotedPostgres(), { vip: HAS_VIP }),
      pg2: seen(
        'pg2',
        standbyPostgres({
          receiveLsn: known(parseLsn('0/3000000')),
          replayLsn: known(parseLsn('0/3000000')),
        }),
      ),
    }),
    kinds: [],
  },
  {
    title: 'a standby past the switch point of its primary is on a fork',
    snapshot: snapshotOf({
      pg1: seen('pg1', promotedPostgres(), { vip: HAS_VIP }),
      pg2: seen('pg2', standbyPostgres()),
    }),
    kinds: ['history-forked'],
  },
];

describe('diagnose', () => {
  it.each(cases)('$title', ({ snapshot, kinds }) => {
    expect(diagnose(snapshot).map((finding) => finding.kind)).toEqual(kinds);
  });

  it('gives evidence for every finding', () => {
    for (const { snapshot } of cases)
      for (const finding of diagnose(snapshot)) expect(finding.evidence.length).toBeGreaterThan(0);
  });
});
