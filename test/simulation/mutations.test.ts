/** The rules of the lease are needed: without one of them the simulation finds a violation, at a seed that is known for it. */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mutate } from './mutate.ts';
import { MUTATIONS } from './mutations.ts';
import { drawPlan } from './plan.ts';
import { simulate } from './simulate.ts';

/** What no seed shows: why, in `mutations.ts`; the unit tests of the lease hold these rules. */
const CAUGHT = MUTATIONS.filter((it) => it.unseen === null);

test.each(CAUGHT.map((it) => [it.name, it] as const))(
  'the simulation notices that %s',
  async (_, mutation) => {
    const { folder, subject } = await mutate(mutation);
    try {
      const caught = mutation.seeds.some((seed) => simulate(drawPlan(seed), subject).violations.length > 0);
      expect(caught, 'look for another seed: node test/simulation/find-mutations.ts').toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test.each(MUTATIONS.map((it) => [it.name, it] as const))('%s: caught by a seed, or explained', (_, it) => {
  expect(it.seeds.length > 0).toBe(it.unseen === null);
});
