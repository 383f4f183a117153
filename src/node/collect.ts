/** Runs one collector of a scrape: it always ends within the budget, and always tells how it went. */
import { unknown, type Known } from '../core/model/known.ts';
import { errorText } from '../core/model/primacy-error.ts';
import type { CollectorResult } from '../metrics/view.ts';

export interface Collected<T> {
  readonly value: Known<T>;
  readonly result: CollectorResult;
}

/** The collector's value, or unknown where it threw or the budget passed first. Never rejects, never later than the budget. */
export async function collect<T>(
  name: string,
  budgetMs: number,
  work: () => Promise<Known<T>>,
): Promise<Collected<T>> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const budget = new Promise<Known<T>>((resolve) => {
    timer = setTimeout(
      () => resolve(unknown(`collector ${name} did not end within ${budgetMs} ms`)),
      budgetMs,
    );
  });
  const value = await Promise.race([
    // Through a promise, so that a collector that throws at once is caught as well.
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => unknown(errorText(error))),
    budget,
  ]);
  clearTimeout(timer);
  const seconds = (performance.now() - start) / 1000;
  return { value, result: { name, success: value.kind === 'known', seconds } };
}
