/** Every rule of the lease and every term of its inequality is needed: the simulation fails without it. */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mutate } from './mutate.ts';
import { MUTATIONS } from './mutations.ts';
import { simulate } from './simulate.ts';

/** Where the seeds that caught it last do not any more, because the simulated world has changed. */
const SEARCH = 40;

test.each(MUTATIONS.map((it) => [it.name, it] as const))(
  'the simulation notices that %s',
  async (_, mutation) => {
    const { folder, subject } = await mutate(mutation);
    try {
      const seeds = [...mutation.seeds, ...Array.from({ length: SEARCH }, (__, index) => index + 1)];
      const caught = seeds.find((seed) => simulate(seed, subject).violations.length > 0);
      expect(caught, 'no seed shows a violation: node test/simulation/find-mutations.ts').toBeDefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
