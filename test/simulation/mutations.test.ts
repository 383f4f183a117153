/** Every rule of the lease and every term of its inequality is needed: the simulation fails without it. */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mutate } from './mutate.ts';
import { MUTATIONS } from './mutations.ts';
import { simulate } from './simulate.ts';

/** Those that a seed is known for; `find-mutations.ts` looks for the others, which the unit tests of the lease notice. */
const CAUGHT = MUTATIONS.filter((it) => it.seeds.length > 0);

test.each(CAUGHT.map((it) => [it.name, it] as const))(
  'the simulation notices that %s',
  async (_, mutation) => {
    const { folder, subject } = await mutate(mutation);
    try {
      const caught = mutation.seeds.find((seed) => simulate(seed, subject).violations.length > 0);
      expect(caught, 'no seed shows a violation: node test/simulation/find-mutations.ts').toBeDefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
