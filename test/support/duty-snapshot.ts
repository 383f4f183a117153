/** One duty snapshot in which all is well with a standby of pg1, and the changes that tests make to it. */
import type { FailoverDecision, Way } from '../../src/core/guard/criterion.ts';
import type { DutyLease, DutyServer, DutySnapshot, OtherNode } from '../../src/core/guard/duty.ts';
import type { LeaseId } from '../../src/core/lease/lease.ts';
import type { FenceMarker } from '../../src/core/model/fence-marker.ts';
import { known } from '../../src/core/model/known.ts';
import type { EpochMillis, FenceNumber, NodeName } from '../../src/core/model/names.ts';
import type { NodeReport } from '../../src/core/model/node-report.ts';

export const NOW = 1_000_000;
export const PG1: NodeName = 'pg1' as NodeName;
export const PG2: NodeName = 'pg2' as NodeName;
export const PG3: NodeName = 'pg3' as NodeName;

export function leaseId(holder: NodeName, epoch = 3): LeaseId {
  return { epoch, uuid: `uuid-${epoch}`, holder };
}

export function decision(way: Way, promote: boolean): FailoverDecision {
  const state = promote ? 'pass' : 'fail';
  return {
    way,
    promote,
    criteria: [{ code: 'loss_bound', state, reason: 'as the test wants it', decisive: true }],
  };
}

export function marker(reason: string): FenceMarker {
  return {
    state: 'fenced',
    reason,
    remediation: null,
    fenceNumber: 0 as FenceNumber,
    setAt: 0 as EpochMillis,
  };
}

/** Another node's last word, heard 100 ms ago, as was its last answer: a standby that is ready. */
export function other(
  node: NodeName,
  changes: Partial<NodeReport> = {},
  heardAt: number = NOW - 100,
  view: NonNullable<OtherNode['answer']>['view'] = { lease: null, transferredTo: null },
): OtherNode {
  const report: NodeReport = {
    node,
    kind: 'database',
    adopted: true,
    server: serverReport('standby', '0/3000000'),
    holdsVip: false,
    fenced: false,
    readyToSucceed: true,
    priority: 100,
    sights: [],
    ...changes,
  };
  return { node, heardAt, clock: null, answer: { sentAt: heardAt, report, view }, report };
}

export function serverReport(role: 'primary' | 'standby', lsn: string | null): NodeReport['server'] {
  const nothing = { systemIdentifier: null, timeline: null, historyHash: null, heartbeat: null };
  return { ...nothing, role, lsn, replayLsn: lsn, dataEpoch: null, synchronous: null, streamsAs: null };
}

const STANDBY_SERVER: DutyServer = {
  state: 'recovery',
  since: 0,
  answersInRecovery: true,
  endedCleanly: false,
  silentSince: null,
  cannotWriteSince: null,
  streamsFrom: PG1,
  notStreamingSince: null,
  pointsTo: PG1,
};

const FOLLOWERS_LEASE: DutyLease = {
  entitledUntil: null,
  entitledSince: null,
  forced: false,
  pause: null,
  newest: { lease: leaseId(PG1), transferredTo: null },
  newestWasHeld: false,
  holderHeardAt: NOW - 100,
  bequest: null,
  mayClaim: false,
  majoritySeen: true,
};

export interface Changes {
  readonly server?: Partial<DutyServer>;
  readonly lease?: Partial<DutyLease>;
  readonly rest?: Partial<Omit<DutySnapshot, 'server' | 'lease'>>;
}

/** pg2, a healthy standby of pg1, which holds the lease. */
export function standbySnapshot({ server, lease, rest }: Changes = {}): DutySnapshot {
  return {
    self: PG2,
    now: NOW,
    adopted: known(true),
    adoptedSince: null,
    marker: known(null),
    busy: null,
    vipHere: known(false),
    vipMissingSince: null,
    guardsMissingSince: null,
    kernelLease: true,
    others: [other(PG1, { server: serverReport('primary', '0/3000000'), readyToSucceed: false })],
    failover: { silence: decision('silence', false) },
    limits: {
      handOverMs: 1_000,
      postgresSilenceMs: 4_000,
      cannotWriteMs: 5_000,
      vipMissingMs: 5_000,
      adoptionGraceMs: 12_000,
      guardGraceMs: 1_000,
      joinPatienceMs: 3_000,
      freshMs: 1_500,
      promotionWaitMs: 2_700,
    },
    debt: known(null),
    ...rest,
    server: { ...STANDBY_SERVER, ...server },
    lease: { ...FOLLOWERS_LEASE, ...lease },
  };
}

/** pg2 as the holder: writable, entitled for another second, pg1 a ready standby. */
export function holderSnapshot({ server, lease, rest }: Changes = {}): DutySnapshot {
  return standbySnapshot({
    server: { state: 'writable', answersInRecovery: false, streamsFrom: null, pointsTo: null, ...server },
    lease: {
      entitledUntil: NOW + 1_000,
      entitledSince: 0,
      newest: { lease: leaseId(PG2), transferredTo: null },
      newestWasHeld: true,
      ...lease,
    },
    rest: { others: [other(PG1)], ...rest },
  });
}
