/** Goal: entries keep their order, and a disk that hangs costs little memory. Method: journals that are slow, fail or hang. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createHookJournal, HOOK_JOURNAL_LIMIT } from '../../../../src/node/hooks/hook-journal.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import type { JournalEntry } from '../../../../src/world/files/node-journal.ts';

function ground(append: (entry: JournalEntry) => Promise<void>) {
  const errors: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: Readonly<Record<string, unknown>>) => errors.push(fields['error']),
  };
  return { errors, write: createHookJournal({ clock: systemClock, journal: { append }, log }) };
}

it('writes one after another', async () => {
  const begun: unknown[] = [];
  let end: () => void = () => undefined;
  const { write } = ground((entry) => {
    begun.push([entry.procedure, entry.step, entry.event, entry.detail]);
    return new Promise((resolve) => (end = resolve));
  });
  write('fenced', 'intent', { a: 1 });
  write('fenced', 'done', { b: 2 });
  await turn();
  expect(begun).toEqual([['hook', 'fenced', 'intent', '{"a":1}']]);
  end();
  await turn();
  expect(begun[1]).toEqual(['hook', 'fenced', 'done', '{"b":2}']);
});

it('goes on after an entry that could not be written', async () => {
  let tried = 0;
  const { errors, write } = ground(() => {
    tried += 1;
    return tried === 1 ? Promise.reject(new Error('full')) : Promise.resolve();
  });
  write('fenced', 'intent', {});
  write('fenced', 'done', {});
  await turn();
  expect([tried, errors]).toEqual([2, ['full']]);
});

it('lets no more than a few entries wait', async () => {
  const { errors, write } = ground(() => new Promise(() => undefined));
  for (let i = 0; i < HOOK_JOURNAL_LIMIT; i++) write('fenced', 'failed', {});
  expect(errors).toEqual([]);
  write('fenced', 'failed', {});
  await turn();
  expect(errors).toEqual([expect.stringContaining('are waiting already')]);
});
