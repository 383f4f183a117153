/** Starts, clones, promotes and stops real servers through the one place that does it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { readControlFile } from '../../../../src/world/postgres/control-data.ts';
import { startPostgres, stopPostgres } from '../../../../src/world/postgres/service.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

let playground: Playground;
let primary: TestServer;
let standby: TestServer;

beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('one');
  standby = await playground.createStandby('two', primary);
});
afterAll(async () => {
  await playground.remove();
});

test('a clone is in recovery, and writable after it was promoted', async () => {
  expect(await sql(standby, 'select pg_is_in_recovery() as it')).toEqual([{ it: true }]);
  await promoteServer(standby);
  expect(await sql(standby, 'select pg_is_in_recovery() as it')).toEqual([{ it: false }]);
});

test('a server that was stopped fast has a clean control file, and starts again', async () => {
  await stopServer(primary, 'fast');
  const control = await readControlFile(localRunner, primary.postgres);
  expect(control).toMatchObject(known({ state: 'shut down', checkpointTimeline: 1, rewindPossible: true }));
  const again = await startPostgres(localRunner, primary.postgres, 30, { work_mem: '5MB' });
  expect(again.kind).toBe('done');
  expect(await sql(primary, 'show work_mem')).toEqual([{ work_mem: '5MB' }]);
});

test('stopping a server that does not run is a failure, not a success', async () => {
  await stopServer(primary, 'immediate');
  const result = await stopPostgres(localRunner, primary.postgres, 'fast', 5);
  expect(result.kind).toBe('failed');
});

test('the control file of a directory that is none is unknown', async () => {
  const control = await readControlFile(localRunner, { ...primary.postgres, dataDirectory: '/nonexistent' });
  expect(control.kind).toBe('unknown');
});
