/** Runs the keeper's procedures: one at a time and a fence beside it, journaled, paced, with every end in the log. */
import type { Duty } from '../../core/guard/duty.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import { act } from './act.ts';
import type { Done, KeeperContext } from './context.ts';
import { createPacing } from './pacing.ts';

type Slot = 'fence' | 'other';

export interface Procedures {
  /** Begins what the duty asks for, unless it is under way or was tried just now; then null. Its end is in journal and log. */
  readonly begin: (duty: Duty) => Promise<void> | null;
  /** What is under way. */
  readonly running: () => readonly Duty['kind'][];
  /** Until nothing is under way any more, at most `limitMs`. */
  readonly settled: (limitMs: number) => Promise<void>;
}

/** `ended` is called after each procedure: look again at once. */
export function createProcedures(context: KeeperContext, ended: () => void): Procedures {
  const running = new Map<Slot, { readonly kind: Duty['kind']; readonly done: Promise<void> }>();
  const pacing = createPacing();

  const journal = (duty: Duty, event: 'intent' | 'done' | 'failed', detail: string): void => {
    const entry = {
      at: context.clock.wallMillis(),
      remediation: null,
      procedure: 'keeper',
      step: duty.kind,
      event,
      detail,
    };
    // Not awaited: a disk that hangs must hold up neither a fence nor a failover.
    context.journal
      .append(entry)
      .catch((error: unknown) => context.log.error({ error: errorText(error) }, 'cannot write the journal'));
  };

  const run = async (duty: Duty): Promise<void> => {
    const began = performance.now();
    const seconds = (): number => Math.round(performance.now() - began) / 1000;
    journal(duty, 'intent', duty.reason);
    context.log.info({ duty: duty.kind, reason: duty.reason }, 'duty begins');
    try {
      const done: Done = await act(context, duty);
      pacing.succeeded(duty.kind);
      journal(duty, 'done', JSON.stringify({ ...done, tookSeconds: seconds() }));
      context.log.info({ duty: duty.kind, ...done, tookSeconds: seconds() }, 'duty done');
      context.hooks.ended(duty, done);
    } catch (error) {
      pacing.failed(duty.kind, bootMillis());
      journal(duty, 'failed', errorText(error));
      context.log.error({ duty: duty.kind, error: errorText(error), tookSeconds: seconds() }, 'duty failed');
    }
  };

  return {
    begin: (duty) => {
      const slot: Slot = duty.kind === 'fence' ? 'fence' : 'other';
      // A fence waits for nobody, and nothing begins before it has ended.
      if (running.has(slot) || running.has('fence') || !pacing.mayRun(duty.kind, bootMillis())) return null;
      const done = run(duty).then(() => {
        running.delete(slot);
        ended();
      });
      running.set(slot, { kind: duty.kind, done });
      return done;
    },
    running: () => [...running.values()].map((it) => it.kind),
    settled: async (limitMs) => {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([Promise.all([...running.values()].map((it) => it.done)), limit]);
      clearTimeout(timer);
    },
  };
}
