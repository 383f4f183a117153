/** What the keeper says of its own standby follows the server that runs, and the settings that it has now. */
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { OwnServer } from '../../../../src/node/keeper/own-server.ts';
import type { WatchedServer } from '../../../../src/node/keeper/watch.ts';
import type { CandidateSettings } from '../../../../src/world/postgres/candidate-settings.ts';

const NODES = [
  { name: 'pg1', addresses: ['10.0.0.1'] },
  { name: 'pg2', addresses: ['10.0.0.2'] },
];
const CLUSTER = { name: 'main', vip: '10.0.0.100/24', interface: 'eth0', vrid: 51, nodes: NODES };
const SETTINGS: CandidateSettings = {
  replayPaused: false,
  applyDelayMs: 0,
  primaryConninfo: '',
  defaultReadOnly: false,
  newestHistory: 1,
  streamsAs: 'pg1',
};

const standby = (startTicks: number): WatchedServer => ({
  state: 'recovery',
  since: 0,
  suspended: false,
  postmaster: { pid: 100, startTicks },
});

/** A standby whose settings were read at 1000, and its watch, which shows what it is told. */
function readStandby(primaryConninfo: string) {
  let shown = standby(7);
  const [cluster] = configSchema.parse({ clusters: [CLUSTER] }).clusters;
  const own = new OwnServer(cluster!, { look: () => shown });
  own.tick(900);
  own.settings.take({ ...SETTINGS, primaryConninfo }, 1_000);
  return { own, show: (seen: WatchedServer) => (shown = seen) };
}

const pointsTo = (own: OwnServer) => own.duty(1_200, null, null).pointsTo;

test.each([
  ['host=10.0.0.2 user=replicator', 'pg2'],
  ['host=10.9.9.9', null],
  ['', null],
])('with primary_conninfo "%s" it points to %s', (primaryConninfo, node) => {
  expect(pointsTo(readStandby(primaryConninfo).own)).toBe(node);
});

test('after a change nobody knows where it points, until its settings are read again', () => {
  const { own } = readStandby('host=10.0.0.1');
  own.settings.forget(1_100);
  expect(pointsTo(own)).toBeUndefined();
  own.settings.take({ ...SETTINGS, primaryConninfo: 'host=10.0.0.2' }, 1_150);
  expect(pointsTo(own)).toBe('pg2');
});

test('the settings of a server that ran before say nothing, not even where their answer comes late', () => {
  const { own, show } = readStandby('host=10.0.0.2');
  show(standby(8));
  own.tick(1_100);
  expect(pointsTo(own)).toBeUndefined();
  own.settings.take(SETTINGS, 1_050);
  expect(pointsTo(own)).toBeUndefined();
});
