/** Decides what a PostgreSQL server is from one look at its processes and its answer: anything that was not seen is `unknown`. */
import type { Known } from '../model/known.ts';
import type { Role } from '../model/role.ts';

/** What the server said when it was asked, in the terms that a role depends on. */
export type ServerAnswer =
  | {
      readonly kind: 'answered';
      readonly inRecovery: boolean;
      /** False where `standby.signal` is absent; unknown where the role may not look (before `primacy setup`). */
      readonly standbySignal: Known<boolean>;
      /** A WAL receiver exists only in standby mode, so it proves what the signal file would. */
      readonly hasReceiver: boolean;
      readonly dataDirectoryMatches: boolean;
    }
  /** SQLSTATE 57P03 cannot_connect_now: starting up, shutting down or in crash recovery. */
  | { readonly kind: 'not-now'; readonly detail: string }
  /** Nothing listens. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** An error answer: wrong password, too many connections, missing database. The server lives; its role was not seen. */
  | { readonly kind: 'rejected'; readonly detail: string }
  /** No answer within the limit, or the connection broke. */
  | { readonly kind: 'silent'; readonly detail: string };

/** The processes that work in the data directory. */
export interface ServerProcesses {
  readonly count: number;
  readonly postmaster: 'running' | 'stopped' | 'absent';
  /** True where the startup process lives: the server replays WAL before it lets anybody in. */
  readonly startupProcess: boolean;
  /** True where one of our procedures started it for itself alone: a standby that nobody else can reach. */
  readonly isolated: boolean;
}

export interface RoleEvidence {
  readonly processes: Known<ServerProcesses>;
  readonly answer: ServerAnswer;
}

export interface RoleDecision {
  readonly role: Role;
  /** Why, in words, without full stop. */
  readonly reason: string;
}

/** The role rules of the exporter. Never `primary` or `standby` without `pg_is_in_recovery()` read in this look. */
export function decideRole(evidence: RoleEvidence): RoleDecision {
  const { processes, answer } = evidence;
  if (processes.kind === 'known' && processes.value.postmaster === 'stopped') {
    return { role: 'unknown', reason: 'the postmaster is stopped by a signal' };
  }
  if (answer.kind === 'answered') return decideAnswered(answer);
  if (processes.kind === 'unknown') {
    return { role: 'unknown', reason: `${answer.detail}; ${processes.reason}` };
  }
  const { count, postmaster, startupProcess, isolated } = processes.value;
  if (count === 0) return { role: 'down', reason: 'no process of the data directory' };
  if (postmaster === 'absent') {
    return { role: 'unknown', reason: `the postmaster is gone but ${count} of its processes remain` };
  }
  if (isolated && answer.kind === 'refused') {
    return {
      role: 'starting',
      reason: 'an isolated standby, which only the procedure that started it can reach',
    };
  }
  if (answer.kind === 'not-now' && startupProcess) return { role: 'starting', reason: answer.detail };
  return { role: 'unknown', reason: answer.detail };
}

function decideAnswered(answer: Extract<ServerAnswer, { kind: 'answered' }>): RoleDecision {
  if (!answer.dataDirectoryMatches) {
    return { role: 'unknown', reason: 'a server of another data directory answers on this port' };
  }
  if (!answer.inRecovery) return { role: 'primary', reason: 'pg_is_in_recovery() is false' };
  if (answer.hasReceiver) {
    return { role: 'standby', reason: 'pg_is_in_recovery() is true, with a WAL receiver' };
  }
  if (answer.standbySignal.kind === 'unknown') {
    return { role: 'unknown', reason: `in recovery, and ${answer.standbySignal.reason}` };
  }
  return answer.standbySignal.value
    ? { role: 'standby', reason: 'pg_is_in_recovery() is true, with standby.signal' }
    : { role: 'starting', reason: 'in recovery without standby.signal: recovery ends in a writable server' };
}
