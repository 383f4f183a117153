/** The decision table of a rejoin: pg_rewind runs only where its answer can be believed. */
import { expect, test } from 'vitest';
import { decideRejoin, type RejoinFacts } from '../../../../src/core/divergence/decide-rejoin.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';

const facts = (changes: {
  readonly loser?: number;
  readonly survivor?: number;
  readonly bytes?: number;
  readonly state?: string;
  readonly checkpoint?: number;
  readonly rewindPossible?: boolean;
  readonly checkpointAhead?: boolean;
  readonly recovered?: boolean;
  readonly spoiled?: boolean;
  readonly survivorAllows?: boolean;
}): RejoinFacts => ({
  account: {
    loserTimeline: parseTimelineId(changes.loser ?? 2),
    survivorTimeline: parseTimelineId(changes.survivor ?? 1),
    bytes: changes.bytes ?? 100,
  },
  control: {
    state: changes.state ?? 'shut down',
    checkpointTimeline: parseTimelineId(changes.checkpoint ?? changes.loser ?? 2),
    rewindPossible: changes.rewindPossible ?? true,
  },
  checkpointAhead: changes.checkpointAhead ?? null,
  recovered: changes.recovered ?? false,
  spoiled: changes.spoiled ?? false,
  survivorAllows: changes.survivorAllows ?? true,
});

test.each([
  ['a clean loser whose checkpoint is on its own timeline', facts({}), 'rewind', 'diverged'],
  ['a standby that was stopped in recovery', facts({ state: 'shut down in recovery' }), 'rewind', 'diverged'],
  ['nothing beyond the fork', facts({ bytes: 0 }), 'none', 'nothing-diverged'],
  ['no checksums and no hints', facts({ rewindPossible: false }), 'basebackup', 'no-rewind-support'],
  [
    'a survivor that lacks a grant or full pages',
    facts({ survivorAllows: false }),
    'basebackup',
    'survivor-forbids',
  ],
  ['equal timelines', facts({ loser: 2, survivor: 2 }), 'basebackup', 'equal-timelines'],
  ['a crash', facts({ state: 'in production' }), 'recover', 'not-shut-down'],
  [
    'a crash before the first checkpoint of the own timeline',
    facts({ state: 'in production', checkpoint: 1, checkpointAhead: false }),
    'basebackup',
    'checkpoint-on-older-timeline',
  ],
  [
    'a crash after a checkpoint of the own timeline that the control file does not have',
    facts({ state: 'in production', checkpoint: 1, checkpointAhead: true }),
    'recover',
    'not-shut-down',
  ],
  [
    'a crash where nobody could look ahead',
    facts({ state: 'in production', checkpoint: 1 }),
    'recover',
    'not-shut-down',
  ],
  [
    'a crash that recovery did not mend',
    facts({ state: 'in production', recovered: true }),
    'basebackup',
    'checkpoint-on-older-timeline',
  ],
  [
    'a checkpoint on the parent timeline',
    facts({ checkpoint: 1 }),
    'basebackup',
    'checkpoint-on-older-timeline',
  ],
  [
    'the same after the isolated recovery',
    facts({ checkpoint: 1, recovered: true, state: 'shut down in recovery' }),
    'basebackup',
    'checkpoint-on-older-timeline',
  ],
  [
    'a spoiled directory, even where nothing diverged',
    facts({ spoiled: true, bytes: 0 }),
    'basebackup',
    'earlier-attempt',
  ],
])('%s', (_title, input, how, why) => {
  expect(decideRejoin(input)).toEqual({ how, why });
});
