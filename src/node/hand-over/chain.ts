/** Tells the restore wrapper which history files and segments belong to the holder's own chain. */
import type { TimelineId } from '../../core/model/timeline.ts';

export interface Chain {
  readonly timeline: TimelineId;
  /** Full text of that timeline's history file; empty on timeline 1. */
  readonly history: string;
  readonly walSegmentBytes: number;
}

/** Replaces `chain` in the restore directory, by rename. Without it the wrapper restores nothing. */
export function writeChain(_restoreDirectory: string, _chain: Chain): Promise<void> {
  throw new Error('not built yet');
}
