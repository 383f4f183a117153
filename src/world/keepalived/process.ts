/** keepalived's processes on this host: finding the parent, and stopping all of them for certain. */
import { readdirSync, readlinkSync } from 'node:fs';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, type Clock } from '../clock.ts';
import { readStat } from '../postgres/processes.ts';

export interface KeepalivedProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** `T` = stopped by a signal: it holds its addresses and answers nothing. */
  readonly state: string;
  readonly startTicks: number;
}

/** All keepalived processes in our own network namespace; those of another namespace move other addresses. */
export function keepalivedProcesses(): readonly KeepalivedProcess[] {
  const network = readlinkSync('/proc/self/ns/net');
  const found: KeepalivedProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const it = keepalivedProcess(pid, network);
    if (it !== null) found.push(it);
  }
  return found;
}

/** The parent, which takes signals for the whole program; null where keepalived does not run. */
export function keepalivedParent(
  processes: readonly KeepalivedProcess[] = keepalivedProcesses(),
): KeepalivedProcess | null {
  const pids = new Set(processes.map((it) => it.pid));
  return processes.find((it) => !pids.has(it.parentPid)) ?? null;
}

function keepalivedProcess(pid: number, network: string): KeepalivedProcess | null {
  const stat = readStat(pid);
  if (stat?.command !== 'keepalived' && stat?.command !== 'keepalived_vrrp') return null;
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) !== network) return null;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  return { pid, parentPid: stat.parentPid, state: stat.state, startTicks: stat.startTicks };
}

const POLL_MS = 20;

/**
 * Ends keepalived: TERM (it removes the VIP at once and exits about a second later), waits for the exit, then KILL.
 * A stopped process gets CONT, or it could not act on the TERM. Returns whether anything ran. Throws
 * `postcondition-missing` where a process is left after twice the limit.
 */
export async function stopKeepalived(
  runner: Runner,
  clock: Clock,
  limitSeconds: number,
): Promise<{ readonly wasRunning: boolean }> {
  if (keepalivedProcesses().length === 0) return { wasRunning: false };
  for (const signals of [['TERM', 'CONT'], ['KILL']]) {
    for (const signal of signals) await signalAll(runner, signal, limitSeconds);
    const gone = await pollUntil(clock, limitSeconds * 1000, POLL_MS, () =>
      Promise.resolve(keepalivedProcesses().length === 0 ? true : undefined),
    );
    if (gone === true) return { wasRunning: true };
  }
  throw new PrimacyError('postcondition-missing', 'cannot stop keepalived: a process is left after KILL');
}

async function signalAll(runner: Runner, signal: string, limitSeconds: number): Promise<void> {
  const processes = keepalivedProcesses();
  if (processes.length === 0) return;
  const command: Command = {
    program: 'kill',
    arguments: ['-s', signal, ...processes.map((it) => String(it.pid))],
    timeoutMs: limitSeconds * 1000,
  };
  const result = await runner.run(command);
  // A process that ended meanwhile makes kill(1) fail; only those that are left matter, and the caller looks.
  if (result.kind === 'unknown')
    throw new PrimacyError('command-failed', `cannot stop keepalived: ${describeResult(command, result)}`);
}
