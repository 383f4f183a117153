/** What the lease service counts and tells of itself, for metrics and for people. */
import type { Answer } from '../../core/lease/message.ts';
import type { NodeName } from '../../core/model/names.ts';

export interface LeaseStatistics {
  /** Epoch of the newest lease that this voter knows; null where it knows none. */
  readonly epoch: number | null;
  readonly holder: NodeName | null;
  /** Milliseconds that this node is still entitled for; null where it is not. */
  readonly remainingMs: number | null;
  /** Every other voter, and whether a datagram of it came within the last 1.5 s. */
  readonly contacts: readonly { readonly peer: NodeName; readonly contact: boolean }[];
  /** Answers of this voter, by verdict. */
  readonly votes: ReadonlyMap<Answer<unknown>['verdict'], number>;
  /** Datagrams that were refused before the voter saw them, by reason. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Why this voter's memory cannot be trusted, so that it grants nothing; null where all is well. */
  readonly memoryBroken: string | null;
  /** Why the machine stands still (a disk that does not take the memory); null while it runs. It starts again by itself. */
  readonly stopped: string | null;
}
