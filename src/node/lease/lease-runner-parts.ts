/** What the runner of the lease machine is given, and the steps that it takes. */
import type { Effects } from '../../core/lease/effects.ts';
import type { LeaseNode } from '../../core/lease/lease-node.ts';
import type { LeaseConfig } from '../../core/lease/lease.ts';
import type { LeaseMessage } from '../../core/lease/message.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import type { Log } from '../log.ts';
import type { VoteStore } from './vote-store.ts';

export type Machine = LeaseNode<NodeReport>;
export type Step = (machine: Machine, now: number) => Effects<NodeReport>;

export interface LeaseRunnerParts {
  readonly config: LeaseConfig;
  readonly store: VoteStore;
  readonly leaseFile: string;
  readonly overrideFile: string;
  readonly log: Log;
  /** Boot-time milliseconds. */
  readonly now: () => number;
  readonly send: (to: NodeName, message: LeaseMessage<NodeReport>) => void;
  /** After each step, and whenever the machine was given up or began again. */
  readonly settled: () => void;
}
