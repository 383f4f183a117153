/** What many seeds came to, so that parts of it can be put together. */
import { addReached, type Reached } from './reach.ts';
import type { SimulationResult } from './simulate.ts';

export const RECOVERY_STEP_MS = 250;

export interface Totals {
  readonly seeds: number;
  readonly failed: readonly { readonly seed: number; readonly violation: string }[];
  readonly faults: number;
  readonly failovers: number;
  readonly withoutFailover: number;
  /** Seeds that ended without a primary because the guard leaves the choice to a person, by what it says. */
  readonly waiting: Readonly<Record<string, { readonly times: number; readonly first: number }>>;
  /** How many seeds recovered within so many steps. */
  readonly recoveries: readonly number[];
  readonly longestLossMs: number;
  readonly excused: number;
  readonly simulatedSeconds: number;
  readonly events: number;
  readonly cpuSeconds: number;
  readonly reached: Reached;
  /** Places in the core that nothing has run; null = that was not watched. */
  readonly uncovered: readonly string[] | null;
}

export const NO_SEEDS: Totals = {
  seeds: 0,
  failed: [],
  faults: 0,
  failovers: 0,
  withoutFailover: 0,
  waiting: {},
  recoveries: [],
  longestLossMs: 0,
  excused: 0,
  simulatedSeconds: 0,
  events: 0,
  cpuSeconds: 0,
  reached: {},
  uncovered: null,
};

export function totalOf(result: SimulationResult): Totals {
  const { seed, violations, waitsFor, recoveryMs } = result;
  const [violation] = violations;
  const recoveries =
    recoveryMs === null ? [] : Array.from({ length: recoveryMs / RECOVERY_STEP_MS + 1 }, () => 0);
  if (recoveryMs !== null) recoveries[recoveries.length - 1] = 1;
  return {
    ...NO_SEEDS,
    seeds: 1,
    failed: violation === undefined ? [] : [{ seed, violation }],
    faults: result.faults.length,
    failovers: result.failovers,
    withoutFailover: result.failovers === 0 ? 1 : 0,
    waiting: waitsFor === null ? {} : { [reasonOf(waitsFor)]: { times: 1, first: seed } },
    recoveries,
    longestLossMs: result.longestLossMs,
    excused: result.excused,
    simulatedSeconds: result.simulatedSeconds,
    events: result.events,
  };
}

/** What all databases say together, without names and numbers: the criteria that stand against them, or else the sentences. */
function reasonOf(reasons: readonly string[]): string {
  const parts = reasons.flatMap((it) => {
    const codes = [...it.matchAll(/\b([a-z]+(?:_[a-z]+)+):/g)].map(([, code]) => code as string);
    return codes.length > 0 ? codes : [it.replaceAll(/\b[a-d]\b/g, 'N').replaceAll(/\d+/g, '#')];
  });
  return [...new Set(parts)].toSorted((a, b) => (a < b ? -1 : 1)).join(', ');
}

export function add(a: Totals, b: Totals): Totals {
  return {
    seeds: a.seeds + b.seeds,
    failed: [...a.failed, ...b.failed],
    faults: a.faults + b.faults,
    failovers: a.failovers + b.failovers,
    withoutFailover: a.withoutFailover + b.withoutFailover,
    waiting: addWaiting(a.waiting, b.waiting),
    recoveries: Array.from(
      { length: Math.max(a.recoveries.length, b.recoveries.length) },
      (_, i) => (a.recoveries[i] ?? 0) + (b.recoveries[i] ?? 0),
    ),
    longestLossMs: Math.max(a.longestLossMs, b.longestLossMs),
    excused: a.excused + b.excused,
    simulatedSeconds: a.simulatedSeconds + b.simulatedSeconds,
    events: a.events + b.events,
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    reached: addReached(a.reached, b.reached),
    uncovered: commonTo(a.uncovered, b.uncovered),
  };
}

function addWaiting(a: Totals['waiting'], b: Totals['waiting']): Totals['waiting'] {
  const sum: Record<string, { readonly times: number; readonly first: number }> = { ...a };
  for (const [reason, { times, first }] of Object.entries(b)) {
    const before = sum[reason];
    sum[reason] = before === undefined ? { times, first } : { ...before, times: before.times + times };
  }
  return sum;
}

function commonTo(a: Totals['uncovered'], b: Totals['uncovered']): Totals['uncovered'] {
  if (a === null || b === null) return a ?? b;
  const others = new Set(b);
  return a.filter((it) => others.has(it));
}
