/** The child process of `join-apart.ts`: does one task and prints how it ended. */
import { text } from 'node:stream/consumers';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { hostContext } from '../procedures/host-context.ts';
import type { ApartTask } from './apart-answer.ts';
import type { FollowOutcome } from './follow.ts';
import type { JoinOutcome } from './joining.ts';

/** Reads the task, runs it in this process and prints the answer; the exit code is 0 whatever it says. */
export async function main(): Promise<void> {
  const task = JSON.parse(await text(process.stdin)) as ApartTask;
  process.stdout.write(await answer(task));
}

async function answer(task: ApartTask): Promise<string> {
  try {
    return JSON.stringify({ ok: await run(task) }, withLsn);
  } catch (error) {
    const it = error instanceof PrimacyError ? error : null;
    return JSON.stringify({
      error: {
        code: it?.code ?? 'command-failed',
        message: errorText(error),
        retryable: it?.retryable ?? false,
      },
    });
  }
}

async function run(task: ApartTask): Promise<JoinOutcome | FollowOutcome> {
  const context = hostContext(task.identity, task.paths, []);
  if (task.verb === 'follow') return (await import('./follow.ts')).follow(context, task.holder);
  return (await import('./join.ts')).joinAsStandby(context, task.holder, { policy: task.policy });
}

function withLsn(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? formatLsn(value as Lsn) : value;
}
