/** One look at another database node's server by SQL, and what a look is. */
import type { Reach } from '../core/guard/failover-snapshot.ts';
import type { Lsn } from '../core/model/lsn.ts';
import type { SystemIdentifier } from '../core/model/names.ts';
import type { ReplicationSlot } from '../core/model/replication-slot.ts';
import type { Role } from '../core/model/role.ts';
import { historyHash } from '../world/postgres/history-hash.ts';
import type { SampleOutcome } from '../world/postgres/sample.ts';
import type { PostgresSample } from '../world/postgres/sample-row.ts';

/**
 * How a look ended. `rejected` is an error answer (too many clients, wrong password) and `not-now` SQLSTATE 57P03: both prove that the
 * server lives. `refused`: its host answered that nothing listens. `silent`: no answer in time, or no way to that host.
 */
export const PEER_ANSWERS = ['answered', 'not-now', 'rejected', 'refused', 'silent'] as const;
export type PeerAnswer = (typeof PEER_ANSWERS)[number];

/** The newest look. Moments in boot-time milliseconds (world/clock.ts). */
export interface PeerLook {
  readonly beganAt: number;
  readonly endedAt: number;
  readonly answer: PeerAnswer;
  /** primary or standby only where it said so itself in this look; starting for `not-now`, down for `refused`, else unknown. */
  readonly role: Role;
  /** For people, without full stop. */
  readonly detail: string;
}

/** What a server said of itself. */
export interface PeerServer {
  /** When the look began that brought it. */
  readonly at: number;
  readonly role: 'primary' | 'standby';
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: number | null;
  /** As in `ServerReport`: first 16 hex digits of the sha256 of the history file's text. */
  readonly historyHash: string | null;
  /** Primary: end of written WAL. Standby: end of received WAL. */
  readonly lsn: Lsn | null;
  readonly replayLsn: Lsn | null;
  /** sr_delay.sr_date, seconds since 1970 by the writer's clock. */
  readonly heartbeat: number | null;
  readonly slots: readonly ReplicationSlot[];
  /** The slot by which it streams as a standby; null where it uses none. */
  readonly receiverSlot: string | null;
}

const ROLE_BY_FAILURE = {
  'not-now': 'starting',
  rejected: 'unknown',
  refused: 'down',
  silent: 'unknown',
} as const satisfies Record<Exclude<PeerAnswer, 'answered'>, Role>;

/** The look that an outcome is. */
export function lookOf(outcome: SampleOutcome, beganAt: number, endedAt: number): PeerLook {
  if (outcome.kind === 'failed') {
    const { kind, detail } = outcome.failure;
    return { beganAt, endedAt, answer: kind, role: ROLE_BY_FAILURE[kind], detail };
  }
  const role = roleOf(outcome.sample);
  return { beganAt, endedAt, answer: 'answered', role, detail: `it says that it is ${role}` };
}

/** What it shows of a server that was primary last. */
export function reachOf({ answer, role }: PeerLook): Reach {
  if (role === 'standby') return 'standby';
  return answer === 'refused' || answer === 'silent' ? answer : 'answers';
}

/** What the server said; `at` is when the look began, so that its age is never told too small. */
export function serverOf(sample: PostgresSample, at: number): PeerServer {
  const { inRecovery, timeline, history, heartbeat } = sample;
  return {
    at,
    role: roleOf(sample),
    systemIdentifier: sample.systemIdentifier,
    timeline: timeline.kind === 'known' ? timeline.value : null,
    historyHash: history.kind === 'known' ? historyHash(history.value) : null,
    lsn: inRecovery ? sample.receiveLsn : sample.currentLsn,
    replayLsn: sample.replayLsn,
    heartbeat: heartbeat.kind === 'known' ? heartbeat.value.stored : null,
    slots: sample.slots,
    receiverSlot: sample.receiverSlot,
  };
}

/** A server outside recovery is writable, whatever its signal files say. */
function roleOf(sample: PostgresSample): 'primary' | 'standby' {
  return sample.inRecovery ? 'standby' : 'primary';
}
