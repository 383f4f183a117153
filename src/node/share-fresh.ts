/** Lets many callers share one piece of work without ever giving anybody an answer older than the question. */

/**
 * Every call's result comes from work that began after the call. At most one piece of work runs, and at most one more
 * waits, which everybody who calls meanwhile shares; so a slow world cannot pile up work.
 */
export function shareFresh<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> | null = null;
  let waiting: Promise<T> | null = null;
  const start = (): Promise<T> => {
    waiting = null;
    const promise = work();
    running = promise.then(
      () => undefined,
      () => undefined,
    );
    const mine = running;
    void mine.then(() => {
      if (running === mine) running = null;
    });
    return promise;
  };
  return () => {
    if (running === null) return start();
    waiting ??= running.then(start);
    return waiting;
  };
}
