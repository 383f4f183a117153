/** The agent's pid file: how others find it, and how a second agent is refused. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { known, unknown, type Known } from '../core/model/known.ts';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { readStat } from '../world/postgres/processes.ts';

/** The agent's process id, or null where none runs; a stopped one (SIGSTOP) is there but does not run. Unknown where the file cannot be read. */
export function readAgent(path: string): Known<{ readonly pid: number; readonly running: boolean } | null> {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    const stat = Number.isInteger(pid) && pid > 0 ? readStat(pid) : null;
    // The number may belong to another program by now: ours has "agent" among its arguments.
    if (stat === null || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('agent'))
      return known(null);
    return known({ pid, running: stat.state !== 'T' && stat.state !== 't' });
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return known(null);
    return unknown(`cannot tell whether the agent runs: ${errorText(error)}`);
  }
}

/** Writes our own pid. Throws `locked` where another agent lives: two would write one gate. */
export function claimPidFile(path: string): void {
  const other = readAgent(path);
  if (other.kind === 'known' && other.value !== null && other.value.pid !== process.pid)
    throw new PrimacyError('locked', `cannot start the agent: process ${other.value.pid} is one already`);
  writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
}

/** Removes the file at a clean end. */
export function releasePidFile(path: string): void {
  rmSync(path, { force: true });
}
