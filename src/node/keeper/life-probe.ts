/** P1: tells a server that is slow, full or locked from one that is dead: silence of session, new connection and processes together. */
import type { ClusterConfig } from '../../config/schema.ts';
import { bootMillis } from '../../world/clock.ts';
import { cpuTicksOf, processesOf } from '../../world/postgres/processes.ts';
import { createSession, type SessionOptions, type Statement } from '../../world/postgres/session.ts';

export interface LifeProbe {
  /** One look, at most about two seconds long. */
  readonly step: () => Promise<void>;
  /** Since when nothing showed life, boot-time milliseconds; null = it lives, or was not asked. */
  readonly silentSince: () => number | null;
  /** Forgets what was seen: another server runs now. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

const ALIVE: Statement = { name: 'primacy_alive', text: 'select 1' };
const SESSION_LIMIT_MS = 500;
const CONNECT_LIMIT_MS = 500;

/**
 * Makes the probe. Any answer is life, an error as well. Only where the lasting session is silent a new connection is tried, and only where
 * that is silent too the processes are looked at: whether any used the processor since the last look.
 */
export function createLifeProbe(cluster: ClusterConfig): LifeProbe {
  const lasting = createSession(sessionOptions(cluster, 'primacy life'));
  let since: number | null = null;
  let ticks: number | null = null;

  const progressed = async (): Promise<boolean> => {
    const processes = await processesOf(cluster.postgres.dataDirectory);
    const now = processes.reduce((sum, it) => sum + (cpuTicksOf(it.pid) ?? 0), 0);
    const before = ticks;
    ticks = now;
    // Fewer: some ended meanwhile, which is a sign of life as well. The first look has nothing to compare with; the next ones have.
    return before !== null && now !== before;
  };

  return {
    step: async () => {
      const began = bootMillis();
      const answer = await lasting.query(ALIVE, SESSION_LIMIT_MS);
      if (showsLife(answer) || (await connectsAnew(cluster))) {
        since = null;
        ticks = null;
      } else if (await progressed()) since = null;
      else since ??= began;
    },
    silentSince: () => since,
    reset: () => {
      since = null;
      ticks = null;
    },
    close: () => lasting.close(),
  };
}

/** A refusal comes from the kernel, which tells nothing of the server: its processes do, and the watch sees them. */
function showsLife(answer: Awaited<ReturnType<ReturnType<typeof createSession>['query']>>): boolean {
  return answer.kind === 'rows' || answer.failure.sqlState !== null;
}

async function connectsAnew(cluster: ClusterConfig): Promise<boolean> {
  const session = createSession(sessionOptions(cluster, 'primacy life, new'));
  try {
    return showsLife(await session.query(ALIVE, CONNECT_LIMIT_MS));
  } finally {
    await session.close();
  }
}

function sessionOptions({ postgres, heartbeat }: ClusterConfig, applicationName: string): SessionOptions {
  return {
    host: '127.0.0.1',
    port: postgres.port,
    database: heartbeat.database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName,
    connectTimeoutMs: CONNECT_LIMIT_MS,
    settings: {},
  };
}
