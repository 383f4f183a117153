/** What a node tells the others of its own server, put together from its last answer. */
import type { ClusterConfig } from '../../config/schema.ts';
import type { Known } from '../../core/model/known.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { ServerReport } from '../../core/model/node-report.ts';
import type { Role } from '../../core/model/role.ts';
import { MAX_NAMES_LENGTH, type SynchronousWord } from '../../core/model/synchronous-word.ts';
import { historyHash } from '../../world/postgres/history-hash.ts';
import type { PostgresSample } from '../../world/postgres/sample-row.ts';
import { nodeAt } from './node-at.ts';
import { greatest } from './sample-values.ts';

/** What was last seen of this server as a primary. */
export interface OwnReign {
  readonly timeline: Known<number>;
  readonly lsn: Lsn;
  readonly synchronous: SynchronousWord | null;
}

/** Null where it is no primary. */
export function reignOf(sample: PostgresSample, cluster: ClusterConfig): OwnReign | null {
  const { currentLsn: lsn, timeline } = sample;
  return lsn === null ? null : { timeline, lsn, synchronous: synchronousWord(sample, cluster) };
}

/** A reign is over, and proves nothing more, once the server is seen on another timeline. */
export function stillOn(timeline: Known<number>, reign: OwnReign | null): OwnReign | null {
  if (reign === null || timeline.kind === 'unknown' || reign.timeline.kind === 'unknown') return reign;
  return timeline.value === reign.timeline.value ? reign : null;
}

/** `sample`: null where the server gave no fresh answer. */
export function reportFrom(
  role: Role,
  sample: PostgresSample | null,
  word: SynchronousWord | null,
  streamsAs: string | null,
): ServerReport {
  const lsn = sample === null ? null : (sample.currentLsn ?? greatest(sample.receiveLsn, sample.replayLsn));
  const text = (value: Lsn | null | undefined): string | null =>
    value === null || value === undefined ? null : formatLsn(value);
  return {
    role,
    systemIdentifier: sample?.systemIdentifier ?? null,
    timeline: sample?.timeline.kind === 'known' ? sample.timeline.value : null,
    historyHash: sample?.history.kind === 'known' ? historyHash(sample.history.value) : null,
    lsn: text(lsn),
    replayLsn: text(sample?.replayLsn),
    heartbeat: sample?.heartbeat.kind === 'known' ? sample.heartbeat.value.stored : null,
    dataEpoch: sample?.dataEpoch ?? null,
    synchronous: word,
    streamsAs: sample?.inRecovery === true ? streamsAs : null,
  };
}

/** No such setting can be read, so that nobody decides by it. */
const UNREADABLE_RECORD = { names: '(' };

/** Of a primary; null in recovery. What is too long to be told is told as what nobody can read. */
export function synchronousWord(sample: PostgresSample, cluster: ClusterConfig): SynchronousWord | null {
  const { suspendedSynchronous: suspended, synchronousStandbyNames: inForce } = sample;
  if (sample.inRecovery) return null;
  const record = suspended.kind === 'known' ? suspended.value : UNREADABLE_RECORD;
  const degraded = inForce === '' && record !== null;
  const whole = degraded ? record.names : inForce;
  const names = whole.length > MAX_NAMES_LENGTH ? `${whole.slice(0, MAX_NAMES_LENGTH - 1)}(` : whole;
  const strangers = sample.senders.filter(
    (it) =>
      it.syncState !== 'async' &&
      nodeAt(cluster, it.clientAddress) === null &&
      nodeAt(cluster, it.applicationName) === null,
  ).length;
  return { names, degraded, strangers };
}
