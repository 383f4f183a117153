/** Makes a failing plan small enough for a person to read: fewer faults, fewer hosts, less time, while it still fails the same way. */
import { CHANGES } from './people.ts';
import type { Plan, PlannedFault } from './plan.ts';
import { simulate } from './simulate.ts';
import type { Subject } from './subject.ts';

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: string;
  /** How many plans were tried. */
  readonly tried: number;
}

const DURATIONS_MS = [100, 500, 1_000, 3_000, 8_000];

/** Null where the plan violates nothing. `most`: how many plans may be tried. */
export function shrink(plan: Plan, subject: Subject, most = 2_000): Shrunk | null {
  const first = simulate(plan, subject);
  const [violation] = first.violations;
  if (violation === undefined) return null;
  const search = new Search(subject, kindOf(violation), most);
  // What did not take place is left out first: chance in the world is the same without it.
  const took = new Set(first.faults);
  let best = search.better(plan, { ...plan, faults: plan.faults.filter((it) => took.has(it.number)) });
  best = search.better(best, { ...best, leastFaults: 0 });
  for (let size = -1; size !== best.faults.length && search.goesOn;) {
    size = best.faults.length;
    best = search.fewerFaults(best);
    best = search.simpler(best);
  }
  const [still = violation] = simulate(best, subject).violations;
  return { plan: best, violation: still, tried: search.tried };
}

/** The violation without its moment and its numbers: the same in a plan that differs. */
function kindOf(violation: string): string {
  return violation.replace(/^at [\d.]+ s: /, '').replaceAll(/\d+(\.\d+)?|\b[a-z]\b/g, '#');
}

class Search {
  readonly #subject: Subject;
  readonly #kind: string;
  readonly #most: number;
  tried = 0;

  constructor(subject: Subject, kind: string, most: number) {
    this.#subject = subject;
    this.#kind = kind;
    this.#most = most;
  }

  get goesOn(): boolean {
    return this.tried < this.#most;
  }

  /** The second plan where it fails the same way, else the first. */
  better(present: Plan, candidate: Plan): Plan {
    if (!this.goesOn) return present;
    this.tried += 1;
    const { violations } = simulate(candidate, this.#subject);
    return violations.some((it) => kindOf(it) === this.#kind) ? candidate : present;
  }

  /** Leaves out halves, then quarters, and so on down to single faults; a change of the configuration as a whole or not at all. */
  fewerFaults(plan: Plan): Plan {
    let best = withoutChange(plan, (it) => this.better(plan, it));
    for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let at = 0; at < best.faults.length && this.goesOn;) {
        const kept = best.faults.filter((it, i) => i < at || i >= at + size || isChange(it));
        const next = kept.length === best.faults.length ? best : this.better(best, { ...best, faults: kept });
        if (next === best) at += size;
        best = next;
      }
    return best;
  }

  /** An end soon after the last fault, shorter faults, clocks that agree, hosts that are not needed. */
  simpler(plan: Plan): Plan {
    const last = plan.faults.at(-1)?.at ?? 0;
    let best = this.better(plan, { ...plan, disturbedMs: Math.min(plan.disturbedMs, last + 1_000) });
    for (let i = 0; i < best.faults.length; i += 1)
      for (const lastsMs of DURATIONS_MS) {
        const fault = best.faults[i];
        if (fault === undefined || lastsMs >= fault.lastsMs) break;
        const shorter = { ...best, faults: best.faults.with(i, { ...fault, lastsMs }) };
        const next = this.better(best, shorter);
        if (next === best) continue;
        best = next;
        break;
      }
    const { setting } = best;
    const even = setting.hosts.map((it) => ({ ...it, rate: 1 }));
    best = this.better(best, { ...best, setting: { ...setting, hosts: even } });
    for (const { name } of setting.hosts.toReversed()) best = this.better(best, withoutHost(best, name));
    return best;
  }
}

function isChange({ name }: PlannedFault): boolean {
  return name in CHANGES;
}

function withoutChange(plan: Plan, better: (candidate: Plan) => Plan): Plan {
  if (plan.setting.change === null) return plan;
  const setting = { ...plan.setting, change: null };
  return better({ ...plan, setting, faults: plan.faults.filter((it) => !isChange(it)) });
}

function withoutHost(plan: Plan, name: string): Plan {
  const { setting } = plan;
  const hosts = setting.hosts.filter((it) => it.name !== name);
  if (hosts.length < 2 || hosts[0]?.kind !== 'database') return plan;
  const without = <T extends { readonly voters: readonly string[] }>(it: T): T => ({
    ...it,
    voters: it.voters.filter((voter) => voter !== name),
  });
  const change = setting.change === null ? null : without(setting.change);
  const faults = plan.faults.filter((it) => it.on !== name || it.primary);
  const first = hosts[0].name;
  return {
    ...plan,
    setting: { ...without(setting), hosts, change },
    faults: faults.map((it) => (it.on === name ? { ...it, on: first } : it)),
  };
}
