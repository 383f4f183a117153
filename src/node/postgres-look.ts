/** One look at this node's PostgreSQL: its processes and one round trip, and the role that follows from both. */
import type { PostgresConfig, Timings } from '../config/schema.ts';
import {
  decideRole,
  type RoleDecision,
  type ServerAnswer,
  type ServerProcesses,
} from '../core/guard/decide-role.ts';
import { known, unknown, type Known } from '../core/model/known.ts';
import { errorText } from '../core/model/primacy-error.ts';
import type { Role } from '../core/model/role.ts';
import {
  isIsolatedPostmaster,
  isStartupProcess,
  postmasterOf,
  processAgain,
  processesOf,
  resolvedPath,
  type PostgresProcess,
} from '../world/postgres/processes.ts';
import type { PostgresSample } from '../world/postgres/sample-row.ts';
import { createSampler, samplingSettings, type SampleOutcome } from '../world/postgres/sample.ts';
import { createSession, type PostgresSession } from '../world/postgres/session.ts';

export interface PostgresLook {
  readonly role: Role;
  readonly roleReason: string;
  /** Unknown where the server did not answer in this look. */
  readonly sample: Known<PostgresSample>;
  /** When the look began, monotonic milliseconds of this process. */
  readonly beganAt: number;
}

export interface PostgresLooker {
  /** One fresh look, at most connect limit plus statement limit long; never rejects. One at a time. */
  readonly look: () => Promise<PostgresLook>;
  readonly close: () => Promise<void>;
}

/** Makes a looker with one lasting connection to this node's own server. */
export function createPostgresLooker(
  postgres: PostgresConfig,
  database: string,
  timings: Timings,
): PostgresLooker {
  const session = createSession({
    host: '127.0.0.1',
    port: postgres.port,
    database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName: 'primacy agent',
    connectTimeoutMs: timings.sqlConnectSeconds * 1000,
    settings: samplingSettings(timings.sqlStatementSeconds),
  });
  const sampler = createSampler(session);
  let postmaster: PostgresProcess | null = null;

  /** Cheap where the postmaster is the one of the last look, else all of /proc. */
  const lookAtProcesses = async (complete: boolean): Promise<Known<ServerProcesses>> => {
    try {
      if (!complete && postmaster !== null) {
        postmaster = await processAgain(postmaster, postgres.dataDirectory);
        if (postmaster !== null) return known(summarize([postmaster]));
      }
      const processes = await processesOf(postgres.dataDirectory);
      postmaster = postmasterOf(processes);
      return known(summarize(processes));
    } catch (error) {
      return unknown(errorText(error));
    }
  };

  return {
    look: async () => {
      const beganAt = performance.now();
      const before = await lookAtProcesses(false);
      if (before.kind === 'known' && before.value.postmaster === 'stopped') {
        const decision = decideRole({ processes: before, answer: NOT_ASKED });
        return { ...named(decision), sample: unknown(decision.reason), beganAt };
      }
      const outcome = await sampler.sample(limitMillis(session, timings));
      const answer = await answerOf(outcome, postgres.dataDirectory);
      const processes = answer.kind === 'answered' ? before : await lookAtProcesses(true);
      const decision = decideRole({ processes, answer });
      return { ...named(decision), sample: ownSample(outcome, answer, decision.reason), beganAt };
    },
    close: () => session.close(),
  };
}

const NOT_ASKED: ServerAnswer = { kind: 'silent', detail: 'not asked' };

function named(decision: RoleDecision): { readonly role: Role; readonly roleReason: string } {
  return { role: decision.role, roleReason: decision.reason };
}

/** What another data directory's server said of itself is nothing about this node. */
function ownSample(outcome: SampleOutcome, answer: ServerAnswer, reason: string): Known<PostgresSample> {
  if (outcome.kind === 'failed') return unknown(outcome.failure.detail);
  return answer.kind === 'answered' && answer.dataDirectoryMatches ? known(outcome.sample) : unknown(reason);
}

function limitMillis(session: PostgresSession, timings: Timings): number {
  const connect = session.backendPid() === null ? timings.sqlConnectSeconds : 0;
  return (connect + timings.sqlStatementSeconds) * 1000;
}

function summarize(processes: readonly PostgresProcess[]): ServerProcesses {
  const postmaster = postmasterOf(processes);
  const stopped = postmaster?.state === 'T' || postmaster?.state === 't';
  return {
    count: processes.length,
    postmaster: postmaster === null ? 'absent' : stopped ? 'stopped' : 'running',
    startupProcess: processes.some(isStartupProcess),
    isolated: postmaster !== null && isIsolatedPostmaster(postmaster),
  };
}

async function answerOf(outcome: SampleOutcome, dataDirectory: string): Promise<ServerAnswer> {
  if (outcome.kind === 'failed') return { kind: outcome.failure.kind, detail: outcome.failure.detail };
  const { sample } = outcome;
  return {
    kind: 'answered',
    inRecovery: sample.inRecovery,
    standbySignal: sample.standbySignal,
    hasReceiver: sample.receiver !== null,
    dataDirectoryMatches: await isSameDirectory(sample.dataDirectory, dataDirectory),
  };
}

/** An empty path: the database role may not read the setting, so there is nothing to compare. */
async function isSameDirectory(told: string, configured: string): Promise<boolean> {
  if (told === '' || told === configured) return true;
  return (await resolvedPath(told)) === (await resolvedPath(configured));
}
