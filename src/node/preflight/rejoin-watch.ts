/** Looks every minute whether this node could be brought back if it lost its place, and at what an earlier loss left behind. */
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import { readSecretFile } from '../../config/secret-file.ts';
import {
  judgePreflight,
  type PreflightCheck,
  type PreflightFacts,
  type ServerReadiness,
} from '../../core/divergence/rejoin-preflight.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { parseHistory } from '../../core/model/timeline.ts';
import type { RejoinView, TimelineBeginning } from '../../metrics/rejoin-view.ts';
import type { Clock } from '../../world/clock.ts';
import { readRejoinFailure } from '../../world/files/rejoin-failure.ts';
import { readRejoinStage } from '../../world/files/rejoin-stage.ts';
import { summarizeSalvage } from '../../world/files/salvage-summary.ts';
import { readBeginning } from '../../world/postgres/read-beginning.ts';
import { readReadiness } from '../../world/postgres/readiness.ts';
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import type { Runner } from '../../world/remote/runner.ts';
import type { PostgresLook } from '../postgres-look.ts';
import { readHostReadiness } from './host-readiness.ts';
import { refusedLogin } from './replication-login.ts';

export interface RejoinWatchParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Paths;
  readonly runner: Runner;
  readonly clock: Clock;
  /** The gate's; null before the first. */
  readonly lastLook: () => PostgresLook | null;
}

export interface RejoinWatch {
  /** Looks where it is time, or where the server is on another history than before. */
  readonly step: () => Promise<void>;
  readonly last: () => RejoinView;
}

export const REJOIN_WATCH_SECONDS = 5;
const EVERY_MILLIS = 60_000;
/** Sizes of all databases are read from their files. */
const STATEMENT_LIMIT_MS = 10_000;

/** Makes the watch. It reads only, through a session that it opens for each look. */
export function createRejoinWatch(parts: RejoinWatchParts): RejoinWatch {
  const { paths, clock, lastLook } = parts;
  const nothingYet = unknown('not looked yet');
  let seen: { readonly server: string; readonly at: number } | null = null;
  let view: RejoinView = {
    preflight: [],
    lookedAt: null,
    beginning: null,
    stage: nothingYet,
    failure: nothingYet,
    salvage: nothingYet,
  };
  return {
    step: async () => {
      const [stage, failure, salvage] = await Promise.all([
        readRejoinStage(paths.rejoinManifest),
        readRejoinFailure(paths.rejoinFailure),
        summarizeSalvage(paths.salvageDirectory),
      ]);
      view = { ...view, stage, failure, salvage };
      const look = lastLook();
      const server = identify(look);
      const now = clock.monotonicMillis();
      if (seen !== null && seen.server === server && now - seen.at < EVERY_MILLIS) return;
      seen = { server, at: now };
      const { preflight, beginning } = await lookAtAll(parts, look);
      view = { ...view, preflight, beginning, lookedAt: clock.wallMillis() / 1_000 };
    },
    last: () => view,
  };
}

/** Changes where the server is another one than at the last look, or on another history. */
function identify(look: PostgresLook | null): string {
  if (look === null || look.sample.kind === 'unknown') return look?.role ?? '';
  const { timeline, history } = look.sample.value;
  return JSON.stringify([look.role, timeline, history]);
}

interface Seen {
  readonly preflight: readonly PreflightCheck[];
  readonly beginning: TimelineBeginning | null;
}

async function lookAtAll(parts: RejoinWatchParts, look: PostgresLook | null): Promise<Seen> {
  const { cluster, runner } = parts;
  const session = openSession(cluster);
  try {
    const [host, logins] = await Promise.all([
      readHostReadiness(runner, cluster.postgres),
      readLogins(parts),
    ]);
    const answers = look !== null && look.sample.kind === 'known';
    const server = answers ? await readServer(session) : unknown('the server does not answer');
    const beginning = answers ? await beginningOfServer(session, look) : null;
    return { preflight: judgePreflight({ server, host, logins }), beginning };
  } finally {
    await session.close();
  }
}

function openSession({ postgres, heartbeat, timings }: ClusterConfig): PostgresSession {
  return createSession({
    host: '127.0.0.1',
    port: postgres.port,
    database: heartbeat.database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName: 'primacy agent',
    connectTimeoutMs: timings.sqlConnectSeconds * 1_000,
    settings: { statement_timeout: STATEMENT_LIMIT_MS, default_transaction_read_only: 'on', jit: 'off' },
  });
}

async function readServer(session: PostgresSession): Promise<Known<ServerReadiness>> {
  try {
    return known(await readReadiness(session, STATEMENT_LIMIT_MS));
  } catch (error) {
    return unknown(errorText(error));
  }
}

/** Null where it cannot be seen, which is no reason to say less of everything else. */
async function beginningOfServer(
  session: PostgresSession,
  { sample }: PostgresLook,
): Promise<TimelineBeginning | null> {
  if (sample.kind === 'unknown') return null;
  const { timeline, history, currentLsn, receiveLsn, replayLsn } = sample.value;
  const end = currentLsn ?? receiveLsn ?? replayLsn;
  if (timeline.kind === 'unknown' || history.kind === 'unknown' || end === null) return null;
  try {
    const branch = { timeline: timeline.value, history: parseHistory(history.value) };
    const hash = await readBeginning(session, branch, end, STATEMENT_LIMIT_MS);
    return hash === null ? null : { timeline: timeline.value, hash };
  } catch (error) {
    if (error instanceof PrimacyError) return null;
    throw error;
  }
}

/** One after the other: a replication session each. */
async function readLogins({ cluster, node, runner }: RejoinWatchParts): Promise<PreflightFacts['logins']> {
  const { value: password } = await readSecretFile(cluster.postgres.passwordFile);
  const logins: { readonly node: NodeName; readonly refusal: string | null }[] = [];
  for (const other of cluster.nodes) {
    const [host] = other.addresses;
    if (other.kind !== 'database' || other.name === node.name || host === undefined) continue;
    const target = {
      host,
      port: cluster.postgres.port,
      password,
      connectSeconds: cluster.timings.sqlConnectSeconds,
    };
    const refusal = await refusedLogin(runner, cluster.postgres, target);
    logins.push({ node: other.name as NodeName, refusal });
  }
  return logins;
}
