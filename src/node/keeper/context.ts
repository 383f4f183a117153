/** What the keeper's procedures are given: the hand-over's context, the lease, the guards, and what is known of the own server. */
import type { LeaseId } from '../../core/lease/lease.ts';
import type { HandOverContext } from '../hand-over/context.ts';
import type { WalServer } from '../hand-over/wal-server.ts';
import type { Hooks } from '../hooks/create-hooks.ts';
import type { Identity } from '../identify.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { Log } from '../log.ts';
import type { SlotKeeper } from '../slots/slot-keeper.ts';
import type { JoinPolicy } from '../start/joining.ts';
import type { KernelLease } from '../../world/network/kernel-lease.ts';
import type { KeeperMemory } from './memory.ts';
import type { OwnServer } from './own-server.ts';

export interface KeeperContext extends HandOverContext {
  readonly identity: Identity;
  readonly lease: LeaseService;
  readonly walServer: WalServer;
  readonly kernelLease: KernelLease;
  readonly own: OwnServer;
  readonly memory: KeeperMemory;
  readonly slots: SlotKeeper;
  /** The user's commands: told of what ended well, and waited for by nobody. */
  readonly hooks: Hooks;
  /** What the agent may do with data that the holder does not have: the responder's policy. */
  readonly policy: JoinPolicy;
  readonly log: Log;
  /** Told that the epoch row of this lease is committed here; judges the gate at once. */
  readonly epochWritten: (lease: LeaseId) => Promise<void>;
  /** Aborted when the agent ends. */
  readonly signal: AbortSignal;
}

/** A procedure's outcome for journal and log: what was done, and with what. */
export type Done = Readonly<Record<string, unknown>>;
