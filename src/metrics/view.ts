/** Everything one scrape saw of this node, as plain values: what the metric families are computed from. */
import type { Criterion } from '../core/guard/criterion.ts';
import type { DutyKind } from '../core/guard/duty.ts';
import type { FenceMarker } from '../core/model/fence-marker.ts';
import type { HookEvent, HookResult } from '../core/model/hook.ts';
import type { Known } from '../core/model/known.ts';
import type { Sight } from '../core/model/node-report.ts';
import type { VipObservation } from '../core/model/observation.ts';
import type { LostSlot } from '../core/model/replication-slot.ts';
import type { Role } from '../core/model/role.ts';
import type { KeepalivedCheck } from '../world/keepalived/check.ts';
import type { KeepalivedData } from '../world/keepalived/json.ts';
import type { KernelLeaseState } from '../world/network/kernel-lease.ts';
import type { PostgresSample } from '../world/postgres/sample-row.ts';
import type { LeaseView } from './lease-view.ts';
import type { RejoinView } from './rejoin-view.ts';

export interface CollectorResult {
  readonly name: string;
  readonly success: boolean;
  readonly seconds: number;
}

export interface PostgresView {
  readonly role: Role;
  /** Unknown where the server did not answer in this scrape. */
  readonly sample: Known<PostgresSample>;
}

/** The last heartbeat write; null before the first on this primary, and on a standby. */
export interface HeartbeatWrite {
  readonly success: boolean;
  readonly seconds: number;
  /** Seconds since 1970 on this host. */
  readonly endedAt: number;
}

export interface VipProbe {
  readonly answered: boolean;
  /** Seconds since 1970 on this host. */
  readonly endedAt: number;
}

/** The fences beside the agent. Null where the configuration does without one. */
export interface FencingView {
  readonly adopted: Known<boolean>;
  readonly fuse: Known<boolean> | null;
  readonly deadMan: Known<boolean> | null;
  readonly kernel: KernelLeaseState | null;
}

/** What the agent does about its own server. */
export interface KeeperView {
  readonly duty: DutyKind;
  /** Null where this node is no standby: there is nothing that a failover could promote. */
  readonly criteria: readonly Criterion[] | null;
}

/** How often a user's command ended in this way after this event. */
export interface HookRuns {
  readonly event: HookEvent;
  readonly result: HookResult;
  readonly count: number;
}

export interface ScrapeView {
  readonly version: string;
  readonly nodeVersion: string;
  readonly cluster: string;
  readonly node: string;
  readonly kind: 'database' | 'witness';
  /** The VIP without prefix length, and the interface it belongs on. */
  readonly vip: string;
  readonly interface: string;
  readonly vrrpInstance: string;
  /** Null on a witness. */
  readonly postgres: PostgresView | null;
  readonly heartbeatWrite: HeartbeatWrite | null;
  /** Null where no synchronous standby is configured or this is no primary; unknown before the first answer. */
  readonly synchronousWait: Known<boolean> | null;
  readonly vipPresent: Known<VipObservation>;
  readonly vipProbe: Known<VipProbe>;
  /** Null on a witness. */
  readonly gateOpen: Known<boolean> | null;
  /** Null on a witness. */
  readonly keepalived: Known<KeepalivedData> | null;
  readonly keepalivedChecks: readonly KeepalivedCheck[];
  readonly fence: Known<FenceMarker | null>;
  /** Null on a witness. */
  readonly fencing: FencingView | null;
  /** Null on a witness, and before the agent has decided for the first time. */
  readonly keeper: KeeperView | null;
  /** Null on a witness. */
  readonly rejoin: RejoinView | null;
  /** Empty on a witness, and where no hook is configured. */
  readonly hookRuns: readonly HookRuns[];
  /** Logical slots of the last primary that this one has not. */
  readonly lostSlots: readonly LostSlot[];
  /** Null where this agent takes no part in a lease. */
  readonly lease: LeaseView | null;
  /** The other database nodes that were looked at. */
  readonly sights: readonly Sight[];
  /** How the last reload of the configuration ended; and when one was taken last, seconds since 1970. */
  readonly reload: { readonly successful: boolean; readonly succeededAt: number };
  readonly collectors: readonly CollectorResult[];
}
