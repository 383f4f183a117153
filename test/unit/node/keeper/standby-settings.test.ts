/** A standby that was just pointed to another primary is not judged by what was read before. */
import { expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { StandbySettings } from '../../../../src/node/keeper/standby-settings.ts';
import type { CandidateSettings } from '../../../../src/world/postgres/candidate-settings.ts';

const READ: CandidateSettings = {
  replayPaused: false,
  applyDelayMs: 0,
  primaryConninfo: 'host=10.0.0.1',
  defaultReadOnly: false,
  newestHistory: 3,
  streamsAs: 'pg2',
};

function readAt(begunAt: number): StandbySettings {
  const settings = new StandbySettings();
  settings.take(READ, begunAt);
  return settings;
}

test('what was read is the last word, and fresh for five seconds', () => {
  const settings = readAt(1_000);
  expect(settings.last).toEqual(READ);
  expect(settings.fresh(6_000)).toEqual(known(READ));
  expect(settings.fresh(6_001).kind).toBe('unknown');
  expect(settings.last).toEqual(READ);
});

test('it is due where nothing was read, and again after its age', () => {
  expect(new StandbySettings().due(1_000, 1_000)).toBe(true);
  expect(readAt(1_000).due(1_999, 1_000)).toBe(false);
  expect(readAt(1_000).due(2_000, 1_000)).toBe(true);
});

test('what was forgotten is unknown, and due at once', () => {
  const settings = readAt(1_000);
  settings.forget(1_100);
  expect(settings.last).toBeNull();
  expect(settings.fresh(1_100).kind).toBe('unknown');
  expect(settings.due(1_100, 1_000)).toBe(true);
});

test('an answer to a question from before the change says nothing', () => {
  const settings = readAt(1_000);
  settings.forget(1_100);
  settings.take(READ, 1_099);
  expect(settings.last).toBeNull();
  settings.take({ ...READ, primaryConninfo: 'host=10.0.0.2' }, 1_100);
  expect(settings.last?.primaryConninfo).toBe('host=10.0.0.2');
});
