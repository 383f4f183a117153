/** Builds snapshots for tests: a healthy pair by default, changed where a test says so. */
import { known, unknown, type Known } from '../../src/core/model/known.ts';
import type { FenceMarker } from '../../src/core/model/fence-marker.ts';
import { parseLsn } from '../../src/core/model/lsn.ts';
import type {
  ClusterName,
  EpochMillis,
  FenceNumber,
  NodeName,
  SystemIdentifier,
} from '../../src/core/model/names.ts';
import type {
  LeaseObservation,
  NodeObservation,
  PostgresObservation,
  Snapshot,
  WalSender,
} from '../../src/core/model/observation.ts';
import { parseTimelineId } from '../../src/core/model/timeline.ts';

export const node = (name: string): NodeName => name as NodeName;

const NOT_HERE = unknown('a server in this role has none');

/** A primary on timeline 1 without standbys. */
export function primaryPostgres(changes: Partial<PostgresObservation> = {}): PostgresObservation {
  return {
    role: 'primary',
    roleReason: 'pg_is_in_recovery() is false',
    systemIdentifier: known('7000000000000000001' as SystemIdentifier),
    timeline: known(parseTimelineId(1)),
    history: known(''),
    currentLsn: known(parseLsn('0/5000000')),
    receiveLsn: NOT_HERE,
    replayLsn: NOT_HERE,
    receiver: known(null),
    senders: known([]),
    suspendedSynchronous: known(null),
    control: NOT_HERE,
    ...changes,
  };
}

/** A standby that streams on timeline 1. */
export function standbyPostgres(changes: Partial<PostgresObservation> = {}): PostgresObservation {
  return primaryPostgres({
    role: 'standby',
    roleReason: 'pg_is_in_recovery() is true',
    currentLsn: NOT_HERE,
    receiveLsn: known(parseLsn('0/5000000')),
    replayLsn: known(parseLsn('0/5000000')),
    receiver: known({
      status: 'streaming',
      receivedTimeline: parseTimelineId(1),
      senderHost: '10.0.0.1',
      senderPort: 5432,
    }),
    ...changes,
  });
}

/** A server without a process. */
export function downPostgres(): PostgresObservation {
  return {
    ...primaryPostgres({ role: 'down', roleReason: 'no process of the data directory' }),
    systemIdentifier: NOT_HERE,
    timeline: NOT_HERE,
    history: NOT_HERE,
    currentLsn: NOT_HERE,
    receiver: NOT_HERE,
    senders: NOT_HERE,
  };
}

/** A promoted server: timeline 2, branched at 0/4000000. */
export function promotedPostgres(changes: Partial<PostgresObservation> = {}): PostgresObservation {
  return primaryPostgres({
    timeline: known(parseTimelineId(2)),
    history: known('1\t0/4000000\tno recovery target specified\n'),
    currentLsn: known(parseLsn('0/4500000')),
    ...changes,
  });
}

export const streamingSender: WalSender = {
  applicationName: 'standby',
  clientAddress: '10.0.0.3',
  state: 'streaming',
  syncState: 'async',
  replayLsn: null,
};

/** A fence marker as the responder's own fence leaves it. */
export function marker(changes: Partial<FenceMarker> = {}): FenceMarker {
  return {
    state: 'fenced',
    reason: 'dual-primary',
    remediation: null,
    fenceNumber: 1 as FenceNumber,
    setAt: 0 as EpochMillis,
    ...changes,
  };
}

/** One node's look: without VIP, gate and fence as a standby has them. */
export function seen(
  name: string,
  postgres: PostgresObservation | null,
  changes: Partial<NodeObservation> = {},
): NodeObservation {
  return {
    node: node(name),
    kind: postgres === null ? 'witness' : 'database',
    at: 0 as EpochMillis,
    agentRunning: known(true),
    postgres,
    vip: known({ present: false, interface: null }),
    keepalived:
      postgres === null
        ? null
        : known({ running: true, vrrpState: known('FAULT'), effectivePriority: known(100) }),
    fence: known(null),
    rejoin: known(null),
    lease: known(null),
    ...changes,
  };
}

export const HAS_VIP: Known<{ readonly present: true; readonly interface: string }> = known({
  present: true,
  interface: 'eth0',
});

/** What a voter knows of the lease of epoch 3; `entitled` is the holder's own. */
export function leaseOf(holder: string, changes: Partial<LeaseObservation> = {}): Known<LeaseObservation> {
  return known({
    epoch: 3,
    uuid: 'c0ffee00-0000-4000-8000-000000000003',
    holder: node(holder),
    transferredTo: null,
    entitled: false,
    pause: null,
    override: null,
    ...changes,
  });
}

/** One round over these nodes; a string stands for a node that gave no answer, with its reason. */
export function snapshotOf(nodes: Readonly<Record<string, NodeObservation | string>>): Snapshot {
  return {
    cluster: 'main' as ClusterName,
    at: 0 as EpochMillis,
    voters: Object.keys(nodes).length,
    nodes: new Map(
      Object.entries(nodes).map(([name, look]) => [
        node(name),
        typeof look === 'string' ? unknown(look) : known(look),
      ]),
    ),
  };
}

/** pg1 is primary with the VIP, pg2 follows it. */
export function healthyPair(): Snapshot {
  return snapshotOf({
    pg1: seen('pg1', primaryPostgres({ senders: known([streamingSender]) }), { vip: HAS_VIP }),
    pg2: seen('pg2', standbyPostgres()),
  });
}

/** pg2 was promoted by hand while pg1 has the VIP. */
export function splitPair(): Snapshot {
  return snapshotOf({
    pg1: seen('pg1', primaryPostgres(), { vip: HAS_VIP }),
    pg2: seen('pg2', promotedPostgres()),
  });
}

/** pg2 is fenced and down, pg1 is the primary with the VIP. */
export function fencedPair(changes: Partial<NodeObservation> = {}): Snapshot {
  return snapshotOf({
    pg1: seen('pg1', primaryPostgres(), { vip: HAS_VIP }),
    pg2: seen('pg2', downPostgres(), { fence: known(marker()), ...changes }),
  });
}
