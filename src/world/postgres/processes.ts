/** Finds the processes of a PostgreSQL data directory by their working directory, without touching the data directory itself. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { ISOLATED_PREFIX } from './recovery-settings.ts';

export interface PostgresProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Letter of proc(5): `T` = stopped by a signal, `D` = waits for a disk. */
  readonly state: string;
  /** Start time in clock ticks since boot; with the pid it names one process for ever. */
  readonly startTicks: number;
  /** Command line: `/usr/lib/postgresql/15/bin/postgres -D ...` or a title such as `postgres: main: walwriter`. */
  readonly title: string;
}

const REALPATH_LIMIT_MS = 500;
const resolved = new Map<string, string>();

/**
 * Every postmaster, backend and auxiliary process of that data directory, orphans included.
 * Each of them has it as working directory (PostgreSQL's `ChangeToDataDir`). Throws `refused` where a PostgreSQL process
 * hides its directory from us (not root): then nothing may be concluded.
 */
export async function processesOf(dataDirectory: string): Promise<readonly PostgresProcess[]> {
  const directories = new Set([dataDirectory, await resolvedPath(dataDirectory)]);
  const found: PostgresProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const it = readProcess(pid, directories);
    if (it !== null) found.push(it);
  }
  return found;
}

/** That process as it is now, or null where it is gone, is another one, or left the directory. */
export async function processAgain(
  before: PostgresProcess,
  dataDirectory: string,
): Promise<PostgresProcess | null> {
  const directories = new Set([dataDirectory, await resolvedPath(dataDirectory)]);
  const it = readProcess(before.pid, directories);
  return it !== null && it.startTicks === before.startTicks ? it : null;
}

/** The postmaster: its command line is still the program's path, not a title; that of an exiting process is empty. */
export function postmasterOf(processes: readonly PostgresProcess[]): PostgresProcess | null {
  return processes.find((it) => it.title !== '' && !it.title.startsWith('postgres: ')) ?? null;
}

/** True for the process that replays WAL at start; its title may carry the cluster's name. */
export function isStartupProcess(it: Pick<PostgresProcess, 'title'>): boolean {
  return /^postgres: (.+: )?startup\b/.test(it.title);
}

/** True for a postmaster that one of our procedures started on no address, with a socket in a folder of its own (isolated-server.ts). */
export function isIsolatedPostmaster(it: Pick<PostgresProcess, 'title'>): boolean {
  const folder = / unix_socket_directories=(\S+)/.exec(it.title)?.[1] ?? '';
  return basename(folder).startsWith(ISOLATED_PREFIX) && / listen_addresses=(?: |$)/.test(it.title);
}

/** True for the process that exists only outside recovery: where it lives, the server can be written. */
export function isWalWriter(it: PostgresProcess): boolean {
  return /^postgres: (.+: )?walwriter\b/.test(it.title);
}

/** One process, or null where it is gone or does not work in one of those directories. Throws as `processesOf`. */
export function readProcess(pid: number, directories: ReadonlySet<string>): PostgresProcess | null {
  const stat = readStat(pid);
  if (stat === null || (stat.command !== 'postgres' && stat.command !== 'postmaster')) return null;
  try {
    // A directory that was removed under a running server reads "PATH (deleted)".
    const directory = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
    if (!directories.has(directory)) return null;
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parentPid: stat.parentPid, state: stat.state, startTicks: stat.startTicks, title };
  } catch (error) {
    if (isGone(error)) return null;
    throw new PrimacyError('refused', `cannot see the working directory of PostgreSQL process ${pid}`, {
      cause: error,
    });
  }
}

/** Processor time that a process has used, in clock ticks; null where it is gone. */
export function cpuTicksOf(pid: number): number | null {
  return readStat(pid)?.cpuTicks ?? null;
}

interface Stat {
  readonly command: string;
  readonly state: string;
  readonly parentPid: number;
  readonly startTicks: number;
  /** User and system time. */
  readonly cpuTicks: number;
}

/** Reads /proc/PID/stat (proc(5)); null where the process is gone or a zombie, which holds nothing any more. */
export function readStat(pid: number): Stat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  // The command stands in parentheses and may contain any character, so fields are counted from the last one.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const state = fields[0] ?? '?';
  if (state === 'Z' || state === 'X') return null;
  return {
    command: text.slice(open + 1, close),
    state,
    parentPid: Number(fields[1]),
    startTicks: Number(fields[19]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
  };
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** The path without symbolic links, found once and for a limited time: a hung disk must not hang the search. */
export async function resolvedPath(path: string): Promise<string> {
  const before = resolved.get(path);
  if (before !== undefined) return before;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(path), REALPATH_LIMIT_MS);
  });
  // Where it cannot be resolved (removed, unreadable) the path as written is all there is to compare with.
  const real = realpath(path).catch(() => path);
  const answer = await Promise.race([real, limit]);
  clearTimeout(timer);
  if (answer !== path) resolved.set(path, answer);
  else void real.then((value) => resolved.set(path, value));
  return answer;
}
