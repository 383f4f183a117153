/** A third server that holds exactly what both sides had at the fork: a copy from before it, recovered to the fork's position and no further. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHistory } from '../../../src/core/model/timeline.ts';
import { formatLsn, type Lsn } from '../../../src/core/model/lsn.ts';
import { pollUntil, systemClock } from '../../../src/world/clock.ts';
import { sql, startServer, stopServer, type Playground, type TestServer } from '../postgres-cluster.ts';

const REPLAY_LIMIT_MS = 300_000;
const POLL_MILLIS = 100;

/** A copy of `primary` as it is now, stopped. */
export async function copyBefore(playground: Playground, primary: TestServer): Promise<TestServer> {
  const copy = await playground.createStandby('fork', primary);
  await stopServer(copy, 'fast');
  return copy;
}

/** Where the promoted server's timeline left its parent, as its own history file says. */
export async function forkOf(promoted: TestServer): Promise<Lsn> {
  const [row] = await sql<{ text: string }>(
    promoted,
    "select pg_read_file('pg_wal/00000002.history') as text",
  );
  const entry = parseHistory(row?.text ?? '').at(-1);
  if (entry === undefined) throw new Error('the promoted server has no history');
  return entry.switchLsn;
}

/** Replays the discarded side's WAL up to the fork, and stays there, readable. PostgreSQL stops before the first record at the target. */
export async function recoverTo(copy: TestServer, fork: Lsn, discarded: TestServer): Promise<void> {
  const wal = join(discarded.postgres.dataDirectory, 'pg_wal');
  const settings = [
    "primary_conninfo = ''",
    `restore_command = 'cp ${wal}/%f %p'`,
    "recovery_target_timeline = '1'",
    `recovery_target_lsn = '${formatLsn(fork)}'`,
    'recovery_target_inclusive = off',
    "recovery_target_action = 'pause'",
    'recovery_prefetch = off',
  ];
  await appendFile(copy.postgres.configFile, `${settings.join('\n')}\n`);
  await startServer(copy);
  const state = await pollUntil(systemClock, REPLAY_LIMIT_MS, POLL_MILLIS, async () => {
    const [row] = await sql<{ state: string }>(copy, 'select pg_get_wal_replay_pause_state() as state');
    return row?.state === 'paused' ? row.state : undefined;
  });
  if (state === undefined) throw new Error('the copy did not reach the fork in time');
}
