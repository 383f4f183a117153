/** `node test/simulation/find-mutations.ts [SEEDS] [NAME]`: which seed catches each broken rule first; SEEDS below zero: of bounds only. */
import { rm } from 'node:fs/promises';
import { mutate } from './mutate.ts';
import { MUTATIONS } from './mutations.ts';
import { simulate } from './simulate.ts';

const [, , seeds = '300', only] = process.argv;
for (const mutation of MUTATIONS) {
  if (only !== undefined && !mutation.name.includes(only)) continue;
  const { folder, subject } = await mutate(mutation);
  let [caught, what, seed] = [0, '', 0];
  const step = Math.sign(Number(seeds));
  while (caught === 0 && seed !== Number(seeds)) {
    seed += step;
    const [violation] = simulate(seed, subject).violations;
    if (violation !== undefined) [caught, what] = [seed, violation];
  }
  process.stdout.write(`${JSON.stringify(mutation.name)}: [${caught === 0 ? '' : caught}], // ${what}\n`);
  await rm(folder, { recursive: true });
}
