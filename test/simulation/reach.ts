/** Which decisions a run has reached: counted by the codes and tables of the core itself, so that nobody has to keep a list. */
import { CRITERIA, WAYS, type FailoverDecision } from '../../src/core/guard/criterion.ts';
import { SWITCHOVER_REFUSALS } from '../../src/core/guard/decide-switchover.ts';
import { DUTIES, STEP_DOWN_CAUSES, type Duty } from '../../src/core/guard/duty.ts';
import { REFUSALS } from '../../src/core/lease/message.ts';
import { FAULTS } from './faults.ts';

const VERDICTS = ['pass', 'fail', 'unknown'] as const;

/** Counts by name; a name that was never counted stands there with 0. */
export type Reached = Readonly<Record<string, Readonly<Record<string, number>>>>;

export class Reach {
  readonly #duties = countersOf(DUTIES);
  readonly #causes = countersOf(STEP_DOWN_CAUSES);
  readonly #verdicts = countersOf(['granted', 'seen', ...REFUSALS]);
  readonly #switchovers = countersOf(['go', ...SWITCHOVER_REFUSALS]);
  readonly #faults = countersOf(Object.keys(FAULTS));
  /** By way, then criterion, then verdict. */
  readonly #criteria = new Map(WAYS.map((way) => [way, new Float64Array(CRITERIA.length * VERDICTS.length)]));

  duty(duty: Duty): void {
    count(this.#duties, duty.kind);
    if (duty.kind === 'step-down') count(this.#causes, duty.cause);
  }

  verdict(verdict: string): void {
    count(this.#verdicts, verdict);
  }

  switchover(code: string): void {
    count(this.#switchovers, code);
  }

  fault(name: string): void {
    count(this.#faults, name);
  }

  criteria({ way, criteria }: FailoverDecision): void {
    const counts = this.#criteria.get(way) as Float64Array;
    for (let i = 0; i < criteria.length; i += 1) {
      const state = criteria[i]?.state;
      const at = i * VERDICTS.length + (state === 'pass' ? 0 : state === 'fail' ? 1 : 2);
      counts[at] = (counts[at] as number) + 1;
    }
  }

  report(): Reached {
    const criteria = [...this.#criteria].map(([way, counts]): [string, Record<string, number>] => [
      `criteria on the way ${way}`,
      Object.fromEntries(
        CRITERIA.flatMap((code, i) =>
          VERDICTS.map((verdict, j) => [`${code} ${verdict}`, counts[i * VERDICTS.length + j] as number]),
        ),
      ),
    ]);
    return {
      duties: Object.fromEntries(this.#duties),
      'causes of a step-down': Object.fromEntries(this.#causes),
      'verdicts of voters': Object.fromEntries(this.#verdicts),
      'answers to a switchover': Object.fromEntries(this.#switchovers),
      faults: Object.fromEntries(this.#faults),
      ...Object.fromEntries(criteria),
    };
  }
}

function countersOf(names: readonly string[]): Map<string, number> {
  return new Map(names.map((it) => [it, 0]));
}

function count(counters: Map<string, number>, name: string): void {
  counters.set(name, (counters.get(name) ?? 0) + 1);
}

/** The counts of several runs together. */
export function addReached(a: Reached, b: Reached): Reached {
  const sum = (kind: string): Record<string, number> => {
    const [left, right] = [a[kind] ?? {}, b[kind] ?? {}];
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return Object.fromEntries(names.map((it) => [it, (left[it] ?? 0) + (right[it] ?? 0)]));
  };
  return Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b)])].map((it) => [it, sum(it)]));
}

/** What was never reached, by kind. */
export function neverReached(reached: Reached): Readonly<Record<string, readonly string[]>> {
  const missing = Object.entries(reached).map(([kind, counts]): [string, readonly string[]] => [
    kind,
    Object.entries(counts).flatMap(([name, times]) => (times === 0 ? [name] : [])),
  ]);
  return Object.fromEntries(missing.filter(([, names]) => names.length > 0));
}
