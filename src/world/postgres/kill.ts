/** Ends every process of a data directory by SIGKILL, orphaned backends and stopped ones included, and proves it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, type Clock } from '../clock.ts';
import { readOptional } from '../files/read-optional.ts';
import { processAgain, processesOf } from './processes.ts';

const POLL_MILLIS = 10;

/**
 * Kills until none is left, because a postmaster can start another backend between look and kill.
 * `awaitReaping`: also waits, as long as that takes within the limit, until the pid file's number is free for another start.
 * Throws `postcondition-missing` where some process outlives the limit: it waits for a disk, and nothing is proven.
 */
export async function killPostgres(
  dataDirectory: string,
  clock: Clock,
  timeoutSeconds: number,
  awaitReaping = true,
): Promise<void> {
  const killed = new Set<number>();
  const limitMillis = timeoutSeconds * 1_000;
  const gone = await pollUntil(clock, limitMillis, POLL_MILLIS, async () => {
    const processes = await processesOf(dataDirectory);
    for (const it of processes) {
      // Pid and start time decide before anything is killed: the number may belong to another program by now.
      if ((await processAgain(it, dataDirectory)) === null) continue;
      killOne(it.pid);
      killed.add(it.pid);
    }
    return processes.length === 0 ? true : undefined;
  });
  if (gone === true) {
    if (!awaitReaping) return;
    await pollUntil(clock, limitMillis, POLL_MILLIS, () => Promise.resolve(reaped(killed)));
    return;
  }
  const left = (await processesOf(dataDirectory)).map((it) => `${it.pid} (${it.state})`).join(', ');
  throw new PrimacyError(
    'postcondition-missing',
    `cannot end PostgreSQL in ${dataDirectory} within ${timeoutSeconds} s: left are ${left}`,
    { retryable: true },
  );
}

/**
 * Waits until the process that a data directory's lock file names is gone: one that was killed by somebody else and is not reaped yet keeps
 * a server from starting. Returns at the limit, too: what then stands in the way is told by the start.
 */
export async function awaitFreeLockFile(
  dataDirectory: string,
  clock: Clock,
  timeoutSeconds: number,
): Promise<void> {
  const text = await readOptional(join(dataDirectory, 'postmaster.pid'));
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  await pollUntil(clock, timeoutSeconds * 1_000, POLL_MILLIS, () => Promise.resolve(reaped(new Set([pid]))));
}

/**
 * A dead process whose parent has not fetched its exit status holds nothing, but its number still counts as alive: a start
 * would fail with `lock file "postmaster.pid" already exists` (measured). Worth a wait, and no less dead without it.
 */
function reaped(pids: ReadonlySet<number>): true | undefined {
  return [...pids].every((pid) => !existsSync(`/proc/${pid}`)) ? true : undefined;
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
