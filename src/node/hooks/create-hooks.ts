/** The user's commands of this node: offered when a procedure has ended, run beside everything else, journaled, logged and counted. */
import type { ClusterConfig } from '../../config/schema.ts';
import type { Duty } from '../../core/guard/duty.ts';
import { HOOK_EVENTS, HOOK_RESULTS, type HookEvent, type HookResult } from '../../core/model/hook.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import type { HookRuns } from '../../metrics/view.ts';
import type { Clock } from '../../world/clock.ts';
import type { NodeJournal } from '../../world/files/node-journal.ts';
import type { Runner } from '../../world/remote/runner.ts';
import type { Done } from '../keeper/context.ts';
import type { Log } from '../log.ts';
import { eventAfter } from './event-after.ts';
import { createHookJournal } from './hook-journal.ts';
import { dataOf, type HookData, type Seen } from './hook-data.ts';
import { createHookQueue } from './hook-queue.ts';
import { runHook, type HookCommand } from './run-hook.ts';

/** How many may wait. */
export const HOOK_QUEUE_LIMIT = 16;

export interface HookParts {
  readonly config: ClusterConfig['hooks'];
  readonly runner: Runner;
  readonly clock: Clock;
  readonly journal: NodeJournal;
  readonly log: Log;
  readonly seen: () => Omit<Seen, 'at'>;
  /** Aborted when the agent ends: what runs is killed, what waits is dropped. */
  readonly signal: AbortSignal;
}

export interface Hooks {
  /** Told of every procedure that ended well. Returns at once, begins nothing before its caller has gone on, and never throws. */
  readonly ended: (duty: Duty, done: Done) => void;
  /** Runs since the agent was started, of each event that has a command. */
  readonly runs: () => readonly HookRuns[];
}

interface Job {
  readonly data: HookData;
  readonly line: HookCommand['line'];
}

export function createHooks(parts: HookParts): Hooks {
  const { config, clock, log, signal } = parts;
  const counts = new Map<string, number>();
  const write = createHookJournal(parts);
  const keep = (event: HookEvent, result: HookResult, fields: Readonly<Record<string, unknown>>): void => {
    counts.set(`${event} ${result}`, (counts.get(`${event} ${result}`) ?? 0) + 1);
    write(event, result === 'done' ? 'done' : 'failed', { result, ...fields });
    const say = result === 'done' ? log.info : log.warn;
    say.call(log, { event, result, ...fields }, 'hook ended');
  };
  const run = async ({ data, line }: Job): Promise<void> => {
    const timeoutMs = config.timeoutSeconds * 1_000;
    write(data.event, 'intent', { command: line, data });
    const { result, ...rest } = await runHook(parts.runner, { line, timeoutMs, signal }, data);
    keep(data.event, result, rest);
  };
  const queue = createHookQueue(HOOK_QUEUE_LIMIT, (job: Job) =>
    run(job).catch((error: unknown) => log.error({ error: errorText(error) }, 'cannot run a hook')),
  );
  const drop = ({ data }: Job, reason: string): void => keep(data.event, 'dropped', { reason, data });
  signal.addEventListener('abort', () => {
    for (const job of queue.clear()) drop(job, 'the agent ended');
  });
  const offer = (duty: Duty, done: Done): void => {
    const event = eventAfter(duty, done);
    const [program, ...parameters] = event === null ? [] : config[event];
    if (event === null || program === undefined) return;
    const data = dataOf(event, duty, done, { ...parts.seen(), at: clock.wallMillis() });
    const job: Job = { data, line: [program, ...parameters] };
    if (signal.aborted) drop(job, 'the agent ended');
    else if (!queue.offer(job)) drop(job, `${HOOK_QUEUE_LIMIT} are waiting already`);
  };
  return {
    ended: (duty, done) => {
      try {
        offer(duty, done);
      } catch (error) {
        // A fault of ours here must not become one of the keeper.
        log.error({ duty: duty.kind, error: errorText(error) }, 'cannot offer a hook');
      }
    },
    runs: () =>
      HOOK_EVENTS.filter((event) => config[event].length > 0).flatMap((event) =>
        HOOK_RESULTS.map((result) => ({ event, result, count: counts.get(`${event} ${result}`) ?? 0 })),
      ),
  };
}
