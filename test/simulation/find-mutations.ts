/** `node test/simulation/find-mutations.ts [SEEDS] [NAME]`: which seed catches each broken rule first, of the first SEEDS and their bounds. */
import { rm } from 'node:fs/promises';
import { mutate } from './mutate.ts';
import { MUTATIONS } from './mutations.ts';
import { drawPlan } from './plan.ts';
import { simulate } from './simulate.ts';
import type { Subject } from './subject.ts';

const [, , seeds = '1000', only = ''] = process.argv;
const most = Number(seeds);

interface Caught {
  readonly seed: number;
  readonly violation: string;
}

/** The first of the seeds, each followed by the one of bounds, that violates anything. */
function search(subject: Subject): Caught | null {
  for (let number = 1; number <= most; number += 1)
    for (const seed of [number, -number]) {
      const [violation] = simulate(drawPlan(seed), subject).violations;
      if (violation !== undefined) return { seed, violation };
    }
  return null;
}

if (Number.isSafeInteger(most) && most > 0) {
  for (const mutation of MUTATIONS.filter((it) => it.name.includes(only))) {
    const { folder, subject } = await mutate(mutation);
    const started = process.cpuUsage();
    const caught = search(subject);
    const { user } = process.cpuUsage(started);
    const found = caught === null ? `nothing in ${most} seeds and their bounds` : caught.violation;
    process.stdout.write(
      `${JSON.stringify(mutation.name)}: [${caught?.seed ?? ''}], // ${(user / 1e6).toFixed(1)} s: ${found}\n`,
    );
    await rm(folder, { recursive: true });
  }
} else {
  process.stderr.write(`cannot look for seeds: SEEDS has to be a whole number from 1, got ${seeds}\n`);
  process.exitCode = 64;
}
