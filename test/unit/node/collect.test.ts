/** A collector never throws and never hangs, and always tells how it went. */
import { expect, test } from 'vitest';
import { known, unknown } from '../../../src/core/model/known.ts';
import { collect } from '../../../src/node/collect.ts';

test('a known value is a success', async () => {
  const { value, result } = await collect('x', 1_000, () => Promise.resolve(known(1)));
  expect([value, result.success]).toEqual([known(1), true]);
});

test('an unknown value is none', async () => {
  const { result } = await collect('x', 1_000, () => Promise.resolve(unknown('why')));
  expect(result.success).toBe(false);
});

test('one that throws at once, or later, is unknown with its words', async () => {
  const atOnce = await collect('x', 1_000, () => {
    throw new Error('at once');
  });
  const later = await collect('x', 1_000, () => Promise.reject(new Error('later')));
  expect([atOnce.value, later.value]).toEqual([unknown('at once'), unknown('later')]);
});

test('one that never ends is unknown once the budget passed', async () => {
  const { value, result } = await collect<number>('x', 5, () => new Promise<never>(() => undefined));
  expect(value).toEqual(unknown('collector x did not end within 5 ms'));
  expect(result.success).toBe(false);
});
