/** A small sample of `npm run bench -- rejoin-kills`: the way from fenced to following, killed at five random moments. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { survive, type Pair } from '../../../support/kill-moments.ts';
import { createPlayground, sql, type Playground } from '../../../support/postgres-cluster.ts';

const LIMIT_MILLIS = 300_000;
const ROUNDS = 5;

let playground: Playground;
let pair: Pair;
let wholeMillis = 0;

beforeAll(async () => {
  playground = await createPlayground();
  const one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text)');
  const two = await playground.createStandby('pg2', one);
  pair = { directory: playground.directory, one, two };
  wholeMillis = (await survive(pair, { name: 'whole', kills: [] })).millis;
}, LIMIT_MILLIS);
afterAll(async () => {
  await playground.remove();
});

test(
  'killed at any moment it ends as a verified standby, and nothing is lost',
  { timeout: LIMIT_MILLIS },
  async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const kills = [Math.round((wholeMillis * (round - Math.random())) / ROUNDS)];
      const result = await survive(pair, { name: `k-${round}`, kills });
      expect(result, `killed after ${kills.join()} ms`).toMatchObject({ faults: [] });
    }
  },
);
