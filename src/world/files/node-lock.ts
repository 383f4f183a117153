/** One node procedure at a time, by flock(2): the kernel releases it however its holder ends. */
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';

export interface NodeLock {
  /** Hand it to a child that must not run twice, even when we are killed: the lock lasts until every copy is closed. */
  readonly descriptor: number;
  readonly release: () => void;
}

/** Exit code of flock(1) where another holds the lock, set by us with `-E`. */
const HELD = 75;
const FLOCK_LIMIT_MILLIS = 5_000;

/**
 * Takes the lock at once or throws `locked`, naming the holder. flock(1) locks the open file description that it shares with
 * us, so the lock stays ours after it ended. Never hand the descriptor to PostgreSQL: it would hold the lock for its lifetime.
 */
export function takeNodeLock(path: string, purpose: string): NodeLock {
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, 'a+', 0o600);
  const result = spawnSync('flock', ['-n', '-E', String(HELD), '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    timeout: FLOCK_LIMIT_MILLIS,
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    closeSync(descriptor);
    throw result.status === HELD
      ? heldError(path, purpose)
      : brokenError(path, result.error ?? result.stderr);
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid} ${purpose}\n`);
  let released = false;
  return {
    descriptor,
    release: () => {
      if (released) return;
      released = true;
      closeSync(descriptor);
    },
  };
}

function heldError(path: string, purpose: string): PrimacyError {
  const [pid = '?', ...holder] = readFileSync(path, 'utf8').trim().split(' ');
  return new PrimacyError(
    'locked',
    `cannot ${purpose}: ${holder.join(' ') || 'another procedure'} is under way on this node (process ${pid})`,
    { retryable: true },
  );
}

function brokenError(path: string, cause: unknown): PrimacyError {
  return new PrimacyError('missing-prerequisite', `cannot lock ${path}: ${String(cause)}`, { cause });
}
