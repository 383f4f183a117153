/** The two processes that bring WAL into a standby, found below its postmaster without a look at all of /proc. */
import { readFileSync } from 'node:fs';
import { isStartupProcess, readStat } from './processes.ts';

export interface ServerChild {
  readonly pid: number;
  readonly startTicks: number;
}

export interface RecoveryProcesses {
  /** Replays WAL and runs restore_command. */
  readonly startup: ServerChild | null;
  /** Receives WAL; its title says `walreceiver`. */
  readonly receiver: ServerChild | null;
}

/** Looks at the postmaster's children. All null where it is gone. */
export function recoveryProcessesOf(postmasterPid: number): RecoveryProcesses {
  let startup: ServerChild | null = null;
  let receiver: ServerChild | null = null;
  for (const pid of childrenOf(postmasterPid)) {
    const title = commandLine(pid);
    if (!isStartupProcess({ title }) && !/^postgres: (.+: )?walreceiver\b/.test(title)) continue;
    const stat = readStat(pid);
    // The number may have gone to another process since the list was read.
    if (stat === null || stat.parentPid !== postmasterPid) continue;
    const child = { pid, startTicks: stat.startTicks };
    if (isStartupProcess({ title })) startup = child;
    else receiver = child;
  }
  return { startup, receiver };
}

/**
 * Ends a user's restore_command that runs without a limit (`guard/restore-wal`), by a signal to its timeout(1): the wrapper then says
 * "not there", and the standby goes on. A startup process whose restore_command itself ended by a signal would end the server.
 */
export function endUnlimitedRestore(startup: ServerChild): void {
  for (const shell of descendantsOf(startup.pid, RESTORE_DEPTH))
    if (commandLine(shell).startsWith('timeout -s KILL 0 ')) signal(shell, 'SIGTERM');
}

/** startup - sh - restore-wal - timeout. */
const RESTORE_DEPTH = 3;

function descendantsOf(pid: number, depth: number): readonly number[] {
  if (depth === 0) return [];
  const children = childrenOf(pid);
  return [...children, ...children.flatMap((it) => descendantsOf(it, depth - 1))];
}

/** Sends a signal; a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** Empty where the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
