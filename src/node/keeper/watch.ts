/** Watches this node's server by its processes alone: cheap enough for twenty looks a second, and never held up by a hung server. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerState } from '../../core/guard/duty.ts';
import {
  isStartupProcess,
  isWalWriter,
  postmasterOf,
  readProcess,
  readStat,
  type PostgresProcess,
} from '../../world/postgres/processes.ts';

export interface WatchedServer {
  readonly state: ServerState;
  /** Since when it is in this state, in the caller's milliseconds. */
  readonly since: number;
  /** The postmaster was stopped by a signal (SIGSTOP). */
  readonly suspended: boolean;
  /** Pid and start time: another value is another server. Null without a postmaster. */
  readonly postmaster: { readonly pid: number; readonly startTicks: number } | null;
}

export interface ServerWatch {
  readonly look: (now: number) => WatchedServer;
}

/** A process may become PostgreSQL by exec for so long after it was first seen. */
const YOUNG_MS = 1_000;

/**
 * Makes the watch of one data directory; `directories` are its paths, as written and without symbolic links.
 *
 * While nothing changes, a look reads two files of /proc: the postmaster's, and that of the process that tells its state. It looks at the
 * postmaster's children where one of them is gone, and at all processes where there is no postmaster.
 */
export function createServerWatch(directories: ReadonlySet<string>): ServerWatch {
  let last: WatchedServer = { state: 'unknown', since: 0, suspended: false, postmaster: null };
  /** The walwriter of a writable server, the startup process of one in recovery. */
  let teller: PostgresProcess | null = null;
  const strangers = createStrangers();

  const find = (): { readonly state: ServerState; readonly postmaster: WatchedServer['postmaster'] } => {
    const { postmaster } = last;
    if (postmaster !== null && isAlive(postmaster)) {
      if (teller !== null && isAlive(teller)) return { state: last.state, postmaster };
      const children = childrenOf(postmaster.pid, directories);
      if (children !== null) {
        teller = tellerOf(children);
        // A child has its postmaster's title until it sets its own: taken for the postmaster, it would have no children for ever.
        const mistaken = teller === null && isTitled(postmaster.pid, directories);
        if (!mistaken) return { state: stateBy(teller), postmaster };
      }
    }
    let all = strangers.search(directories, false);
    // A stranger may just have become a postmaster by exec: no process is taken for an orphan before all were read again.
    if (all.length > 0 && postmasterOf(all) === null) all = strangers.search(directories, true);
    const found = postmasterOf(all);
    teller = found === null ? null : tellerOf(all);
    if (found === null) return { state: all.length === 0 ? 'none' : 'orphans', postmaster: null };
    return { state: stateBy(teller), postmaster: { pid: found.pid, startTicks: found.startTicks } };
  };

  return {
    look: (now) => {
      let seen: ReturnType<typeof find>;
      try {
        seen = find();
      } catch {
        // A process that hides its directory from us: nothing may be concluded.
        seen = { state: 'unknown', postmaster: null };
      }
      const same = seen.state === last.state && samePostmaster(seen.postmaster, last.postmaster);
      const suspended = seen.postmaster !== null && isSuspended(seen.postmaster.pid);
      last = { ...seen, since: same ? last.since : now, suspended };
      return last;
    },
  };
}

function stateBy(teller: PostgresProcess | null): ServerState {
  if (teller === null) return 'between';
  return isWalWriter(teller) ? 'writable' : 'recovery';
}

/** A walwriter outweighs a startup process: writable is what must never be overlooked. */
function tellerOf(processes: readonly PostgresProcess[]): PostgresProcess | null {
  return processes.find(isWalWriter) ?? processes.find(isStartupProcess) ?? null;
}

function samePostmaster(a: WatchedServer['postmaster'], b: WatchedServer['postmaster']): boolean {
  return a?.pid === b?.pid && a?.startTicks === b?.startTicks;
}

function isAlive(it: { readonly pid: number; readonly startTicks: number }): boolean {
  return readStat(it.pid)?.startTicks === it.startTicks;
}

function isTitled(pid: number, directories: ReadonlySet<string>): boolean {
  return readProcess(pid, directories)?.title.startsWith('postgres: ') === true;
}

function isSuspended(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state === 'T' || state === 't';
}

/** A postmaster's children by the kernel's own list (proc(5)); null where the kernel has none. */
function childrenOf(pid: number, directories: ReadonlySet<string>): readonly PostgresProcess[] | null {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return list.split(' ').flatMap((it) => (it === '' ? [] : (readProcess(Number(it), directories) ?? [])));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Searches all processes, but reads again only those that are new, young, or ours, and all of them once a second or `again`: a host may have
 * thousands of others.
 */
function createStrangers(): {
  readonly search: (directories: ReadonlySet<string>, again: boolean) => readonly PostgresProcess[];
} {
  /** When each was first seen. */
  let known = new Map<number, number>();
  let completeAt = Number.NEGATIVE_INFINITY;
  return {
    search: (directories, again) => {
      const now = performance.now();
      const complete = again || now - completeAt > YOUNG_MS;
      if (complete) completeAt = now;
      const next = new Map<number, number>();
      const found: PostgresProcess[] = [];
      for (const entry of readdirSync('/proc')) {
        const pid = Number(entry);
        if (!Number.isInteger(pid)) continue;
        const firstSeen = known.get(pid) ?? now;
        const old = !complete && now - firstSeen > YOUNG_MS;
        const it = old ? null : readProcess(pid, directories);
        if (it === null) next.set(pid, firstSeen);
        else found.push(it);
      }
      known = next;
      return found;
    },
  };
}
