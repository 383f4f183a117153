/** Ends every process of a data directory by SIGKILL, orphaned backends and stopped ones included, and proves it. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, type Clock } from '../clock.ts';
import { processAgain, processesOf } from './processes.ts';

const POLL_MILLIS = 10;

/**
 * Kills until none is left, because a postmaster can start another backend between look and kill.
 * Throws `postcondition-missing` where some process outlives the limit: it waits for a disk, and nothing is proven.
 */
export async function killPostgres(
  dataDirectory: string,
  clock: Clock,
  timeoutSeconds: number,
): Promise<void> {
  const gone = await pollUntil(clock, timeoutSeconds * 1_000, POLL_MILLIS, async () => {
    const processes = await processesOf(dataDirectory);
    // Pid and start time decide before anything is killed: the number may belong to another program by now.
    for (const it of processes) if ((await processAgain(it, dataDirectory)) !== null) killOne(it.pid);
    return processes.length === 0 ? true : undefined;
  });
  if (gone === true) return;
  const left = (await processesOf(dataDirectory)).map((it) => `${it.pid} (${it.state})`).join(', ');
  throw new PrimacyError(
    'postcondition-missing',
    `cannot end PostgreSQL in ${dataDirectory} within ${timeoutSeconds} s: left are ${left}`,
    { retryable: true },
  );
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
