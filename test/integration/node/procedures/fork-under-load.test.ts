/** A fork of seconds under a load that nobody tuned for: pgbench, rows of a megabyte, partitions and DDL on both sides, and a dead loser. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forkUnderLoad, type ForkResult } from '../../../support/fork-load/fork-under-load.ts';
import type { RowTally } from '../../../support/fork-load/judge-relation.ts';
import { createPlayground, type Playground } from '../../../support/postgres-cluster.ts';

const LIMIT_MS = 600_000;

let playground: Playground;
let result: ForkResult;

function sum(name: keyof RowTally): number {
  return result.judgement.relations.reduce((total, { tally }) => total + tally[name], 0);
}

beforeAll(async () => {
  playground = await createPlayground();
  result = await forkUnderLoad(playground, {
    seconds: 5,
    scale: 1,
    untouchedMegabytes: 32,
    say: () => undefined,
  });
}, LIMIT_MS);
afterAll(async () => {
  await playground.remove();
});

test('every difference between the fork and the discarded side is in the bundle or named', () => {
  expect(result.failed).toEqual([]);
  expect(result.judgement.faults).toEqual([]);
  expect(sum('unnamed')).toBe(0);
});

test('the load was one: rows of every kind, old versions that only one side has, tables that went, definitions, sequences', () => {
  const kinds = ['inserted', 'updated', 'updatedNamed', 'deleted', 'deletedNamed', 'withTable'] as const;
  expect(kinds.filter((kind) => sum(kind) === 0)).toEqual([]);
  expect(result.judgement.definitions).toBeGreaterThan(20);
  expect(result.judgement.sequences).toBeGreaterThan(3);
  expect(new Set(result.content.relations.map((it) => it.database)).size).toBeGreaterThanOrEqual(4);
});

test('a table that nobody touched is not read', () => {
  expect(result.untouchedBytes).toBeGreaterThan(32_000_000);
  expect(result.untouchedReadBytes).toBe(0);
});

test('what only definitions tell is named: dropped objects and databases, new ones, and values of added columns', () => {
  const named = result.content.definitions.map((it) => [it.database, it.change, it.type, it.identity]);
  for (const expected of [
    ['doomed', 'dropped', 'database', 'doomed'],
    ['fresh', 'created', 'database', 'fresh'],
    ['fresh', 'created', 'table', 'public.born'],
    ['shop', 'dropped', 'table', 'public.doomed'],
    ['shop', 'dropped', 'index', 'public.old_index'],
    ['shop', 'dropped', 'function', 'public.old_function()'],
    // The survivor truncated it as well.
    ['shop', 'rewritten', 'table', 'public.emptied'],
  ])
    expect(named).toContainEqual(expected);
  expect(result.content.notRecovered.join('\n')).toMatch(
    /"1" in the added column extra_1 of all rows of shop: public\.steady/,
  );
});
