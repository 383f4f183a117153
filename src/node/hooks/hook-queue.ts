/** What waits to be run: one at a time, in order, and never more than a few, so that nothing piles up behind what hangs. */

export interface HookQueue<Job> {
  /** False where too many wait already: it will not be run. */
  readonly offer: (job: Job) => boolean;
  /** Takes out what has not begun. */
  readonly clear: () => readonly Job[];
}

/** `limit` counts what has not begun. `run` must not reject; it begins later than the offer that made it begin. */
export function createHookQueue<Job>(limit: number, run: (job: Job) => Promise<void>): HookQueue<Job> {
  const waiting: Job[] = [];
  let running = false;
  const runAll = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await run(job);
    running = false;
  };
  return {
    offer: (job) => {
      if (waiting.length >= limit) return false;
      waiting.push(job);
      if (running) return true;
      running = true;
      // Whoever offers decides and acts first.
      setImmediate(() => void runAll());
      return true;
    },
    clear: () => waiting.splice(0),
  };
}
