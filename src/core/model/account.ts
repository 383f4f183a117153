/** What a discarded history holds that the survivor does not: counted before anything is rewound, so that nothing disappears silently. */
import type { Lsn } from './lsn.ts';
import type { NodeName, SystemIdentifier } from './names.ts';
import type { TimelineId } from './timeline.ts';

export interface DivergenceAccount {
  readonly node: NodeName;
  readonly survivor: NodeName;
  readonly systemIdentifier: SystemIdentifier;
  readonly loserTimeline: TimelineId;
  readonly survivorTimeline: TimelineId;
  /** Last position both histories share. */
  readonly forkLsn: Lsn;
  /** End of the last valid record of the loser. Equal to `forkLsn` where nothing diverged. */
  readonly endLsn: Lsn;
  readonly bytes: number;
  /** All transactions committed after the fork. */
  readonly transactions: number;
  /** Those that touched anything but heartbeat, epoch, marker, ignored relations and pg_statistic. */
  readonly clientTransactions: number;
  /** Directory on the node that keeps the discarded WAL and this account. */
  readonly bundle: string;
  /** sha256 of the account's other fields: an approval or a rejoin is bound to it. */
  readonly digest: string;
}
