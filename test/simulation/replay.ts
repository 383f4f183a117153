/** A schedule that was written down, and the story of a plan as a person reads it. */
import type { Plan, PlannedFault } from './plan.ts';
import { simulate } from './simulate.ts';
import type { Subject } from './subject.ts';

/** Reads what `--save` wrote. Throws where the file is something else. */
export function readPlan(text: string, file: string): Plan {
  const plan = JSON.parse(text) as Partial<Plan>;
  const { seed, setting, faults, disturbedMs, leastFaults } = plan;
  const complete =
    Number.isSafeInteger(seed) &&
    Array.isArray(setting?.hosts) &&
    Array.isArray(faults) &&
    faults.every((it: Partial<PlannedFault>) => typeof it.at === 'number' && typeof it.name === 'string') &&
    typeof disturbedMs === 'number' &&
    typeof leastFaults === 'number';
  if (!complete) throw new Error(`cannot replay ${file}: it is not a schedule that --save wrote`);
  return plan as Plan;
}

/** Tells everything that happens, then the schedule and what was violated. Returns how many violations there were. */
export function tellStory(plan: Plan, subject: Subject, tell: (line: string) => void): number {
  const { setting, seed, faults } = plan;
  const result = simulate(plan, subject, tell);
  const took = new Set(result.faults);
  tell('');
  tell(`seed ${seed}: ${setting.hosts.map((it) => it.name).join('')}, ${faults.length} faults planned`);
  for (const it of faults)
    if (took.has(it.number))
      tell(
        `  ${(it.at / 1000).toFixed(3)} s  fault ${it.number}: ${it.name}, on ${it.primary ? 'the primary' : it.on}, for ${it.lastsMs} ms`,
      );
  tell(`replay these alone: npm run simulate -- --seed ${seed} --only ${result.faults.join(',')}`);
  for (const it of result.violations) tell(`VIOLATION ${it}`);
  if (result.waitsFor !== null) tell(`waits for a person: ${result.waitsFor.join('; ')}`);
  if (result.violations.length === 0) tell('no violation');
  return result.violations.length;
}
