/** What the agent's local socket answers: role, lease, duty, criteria and the other nodes, as plain JSON. */
import type { FailoverDecision } from '../../core/guard/criterion.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { bootMillis } from '../../world/clock.ts';
import type { SocketParts } from './agent-socket.ts';

export interface StateDocument {
  readonly cluster: string;
  readonly node: string;
  readonly kind: 'database' | 'witness';
  readonly lease: {
    /** This node is entitled for so many seconds; null where it is not. */
    readonly remainingSeconds: number | null;
    readonly held: LeaseId | null;
    readonly newest: LeaseId | null;
    readonly transferredTo: string | null;
    /** A person's override of the voters, under which it is held; null = none. */
    readonly override: {
      readonly reason: string;
      readonly at: string;
      readonly remainingSeconds: number;
    } | null;
  };
  /** Null on a witness and before the first look. */
  readonly duty: {
    readonly kind: string;
    readonly reason: string;
    readonly running: readonly string[];
  } | null;
  readonly server: { readonly state: string; readonly role: string } | null;
  /** F1 to F22 were the holder lost now; null on a witness and before the first look. */
  readonly failover: FailoverDecision | null;
  /** Last word of each other node. */
  readonly peers: readonly { readonly heardAgoSeconds: number; readonly report: NodeReport }[];
}

export function stateDocument({ identity, lease, keeper }: SocketParts): StateDocument {
  const now = bootMillis();
  const until = lease.entitledUntil();
  const state = keeper?.() ?? null;
  const memory = lease.memory();
  const override = lease.overrideNow();
  return {
    cluster: identity.cluster.name,
    node: identity.node.name,
    kind: identity.node.kind,
    lease: {
      remainingSeconds: until === null ? null : (until - now) / 1000,
      held: lease.held(),
      newest: state?.snapshot.lease.newest?.lease ?? memory.lease,
      transferredTo: state?.snapshot.lease.newest?.transferredTo ?? memory.transferredTo,
      override: override && {
        reason: override.reason,
        at: override.at,
        remainingSeconds: (override.untilMs - now) / 1000,
      },
    },
    duty: state && { kind: state.duty.kind, reason: state.duty.reason, running: state.running },
    server: state && {
      state: state.snapshot.server.state,
      role: state.report.server?.role ?? 'unknown',
    },
    failover: state?.failover ?? null,
    peers: [...lease.peers().values()].map(({ heardAt, report }) => ({
      heardAgoSeconds: (now - heardAt) / 1000,
      report,
    })),
  };
}
