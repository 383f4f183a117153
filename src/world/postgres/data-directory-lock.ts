/** Locks a data directory against any start of a server: its pid file names a living process of ours, so that PostgreSQL refuses. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { PostgresConfig } from '../../config/schema.ts';
import { PrimacyError, type ErrorCode } from '../../core/model/primacy-error.ts';

export interface DataDirectoryLock {
  /** True while the process that holds it lives and it was not released. */
  readonly stands: () => boolean;
  /** A pid file that stood before stays, and names a process that has ended. Does nothing when called again. */
  readonly release: () => Promise<void>;
}

const RELEASE_LIMIT_MS = 2_000;

/**
 * Debian's pg_ctlcluster removes the pid file as stale unless the first line of the command line has the word "postgres".
 * The holder of the lock runs as the server's user, because PostgreSQL takes a process that it may not signal for dead (EPERM). It keeps
 * the other lines of the pid file: they name the shared memory that orphans may still use. It ignores the signals that `pg_ctl stop`,
 * `reload` and `promote` send to that number. Its standard input is our pipe: it ends when we release it, or die. Where a pid file stood,
 * one stays, with the holder's number in place of the dead postmaster's, which may be taken for alive until its parent has reaped it.
 */
const HOLDER = `: postgres data directory lock
trap '' HUP INT QUIT TERM USR1 USR2
umask 077
file=$1/postmaster.pid mine=$1/postmaster.pid.primacy stood=
{
  echo "$$"
  if [ -e "$file" ]; then
    stood=yes
    { read -r first; while IFS= read -r line; do printf '%s\\n' "$line"; done; } < "$file"
  fi
} > "$mine" && mv -f "$mine" "$file" || exit 3
echo locked
read -r word
read -r first < "$file" || exit 0
if [ "$first" = "$$" ] && [ -z "$stood" ]; then rm -f "$file"; fi
`;

/**
 * Takes the lock, within `limitMs`; to be called where no process of the data directory is left, and followed by a look whether one
 * appeared meanwhile. The lock ends with this process: nobody serves its WAL then, and what starts is a standby or gets fenced.
 * Throws `command-failed` or `timeout`; nothing is locked then.
 */
export async function lockDataDirectory(
  postgres: PostgresConfig,
  limitMs: number,
): Promise<DataDirectoryLock> {
  // runuser would take several times as long as setpriv.
  const become = ['--reuid', postgres.user, '--clear-groups', '--', 'sh', '-c', HOLDER, 'sh'];
  const child = spawn('setpriv', [...become, postgres.dataDirectory], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
  });
  await untilLocked(child, postgres.dataDirectory, limitMs);
  let released = false;
  return {
    stands: () => !released && isAlive(child),
    release: async () => {
      released = true;
      await untilEnded(child, postgres.dataDirectory);
    },
  };
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Waits for the holder's word; anything else ends it and is an error. */
function untilLocked(
  child: ChildProcessWithoutNullStreams,
  dataDirectory: string,
  limitMs: number,
): Promise<void> {
  const words: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString('utf8')));
  child.stdin.on('error', (error) => words.push(error.message));
  return new Promise((resolve, reject) => {
    const fail = (code: ErrorCode, reason: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      const text = `cannot lock data directory ${dataDirectory}: ${reason} ${words.join('').trim()}`;
      reject(new PrimacyError(code, text.trim(), { retryable: true }));
    };
    const timer = setTimeout(() => fail('timeout', `no answer within ${limitMs} ms`), limitMs);
    child.once('error', (error) => fail('command-failed', error.message));
    child.once('close', (code) =>
      fail('command-failed', `the lock's process ended with ${code ?? 'a signal'}`),
    );
    child.stdout.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Ends the holder by closing its input, else, where its disk hangs, by SIGKILL. */
async function untilEnded(child: ChildProcessWithoutNullStreams, dataDirectory: string): Promise<void> {
  if (!isAlive(child)) return;
  const ended = once(child, 'close');
  child.stdin.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), RELEASE_LIMIT_MS);
  await ended;
  clearTimeout(timer);
  if (child.exitCode !== 0)
    throw new PrimacyError(
      'command-failed',
      `cannot release data directory ${dataDirectory} in order: the lock's process ended with ${child.exitCode ?? 'a signal'}`,
    );
}
