/** Real folders as a swap leaves them: which go, which stay, and what the journal says. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { pruneReplaced } from '../../../../src/node/procedures/rejoin/prune-replaced.ts';
import { stepsOf } from '../../../../src/node/procedures/run-step.ts';
import { BIN_DIRECTORY, type TestServer } from '../../../support/postgres-cluster.ts';
import { contextOf, orderOf } from '../../../support/procedure-context.ts';

let directory: string;
let home: string;
let context: ProcedureContext;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-prune-'));
  home = join(directory, 'pg1');
  const dataDirectory = join(home, 'data');
  await mkdir(join(dataDirectory, 'base'), { recursive: true });
  const server: TestServer = {
    name: 'pg1',
    socketDirectory: home,
    postgres: {
      port: 5432,
      dataDirectory,
      configFile: join(dataDirectory, 'postgresql.conf'),
      binDirectory: BIN_DIRECTORY,
      user: 'postgres',
      role: 'primacy',
      passwordFile: join(directory, 'password'),
    },
  };
  context = await contextOf(directory, server, [server]);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function replaced(label: string): Promise<string> {
  const path = join(home, `data.replaced-${label}`);
  await mkdir(join(path, 'base'), { recursive: true });
  return path;
}

const prune = (keepReplaced: number): Promise<void> => {
  const cluster = { ...context.cluster, rejoin: { keepReplaced } };
  return pruneReplaced({ ...context, cluster }, stepsOf(context, 'rejoin', orderOf('r-9')));
};
const names = async (): Promise<readonly string[]> => (await readdir(home)).toSorted();

test('the newest stay, the oldest goes with its WAL on another disk, and the journal names it', async () => {
  const oldest = await replaced('r-1-1763760000001');
  const wal = join(directory, 'disk', 'wal.replaced-r-1-1763760000001');
  await mkdir(wal, { recursive: true });
  await symlink(wal, join(oldest, 'pg_wal'));
  await replaced('r-2-1763760000002');
  await replaced('join-5-1763760000003');
  await prune(2);
  expect(await names()).toEqual([
    'data',
    'data.replaced-join-5-1763760000003',
    'data.replaced-r-2-1763760000002',
  ]);
  expect(await readdir(join(directory, 'disk'))).toEqual([]);
  expect(await readFile(context.paths.nodeJournal, 'utf8')).toContain(`removed ${oldest}`);
});

test('a link that leads to something of another name is not followed', async () => {
  const oldest = await replaced('r-1-1763760000001');
  const foreign = join(directory, 'disk', 'wal');
  await mkdir(foreign, { recursive: true });
  await symlink(foreign, join(oldest, 'pg_wal'));
  await prune(0);
  expect(await names()).toEqual(['data']);
  expect(await readdir(join(directory, 'disk'))).toEqual(['wal']);
});

test('what belongs to a bundle that waits for a person stays, and a folder that no swap named stays', async () => {
  await replaced('r-1-1763760000001');
  await replaced('r-2-1763760000002');
  await mkdir(join(home, 'data.replaced-by-hand'));
  const bundle = join(context.paths.salvageDirectory, 'r-1');
  await mkdir(bundle, { recursive: true });
  const account = { clientTransactions: 3, bytes: 10 };
  await writeFile(join(bundle, 'account.json'), JSON.stringify({ account, createdAt: 1 }));
  await prune(0);
  expect(await names()).toEqual(['data', 'data.replaced-by-hand', 'data.replaced-r-1-1763760000001']);
  await writeFile(join(bundle, 'acknowledged.json'), '{}');
  await prune(0);
  expect(await names()).toEqual(['data', 'data.replaced-by-hand']);
});

test('where the bundles cannot be read, nothing is removed', async () => {
  await replaced('r-1-1763760000001');
  const bundle = join(context.paths.salvageDirectory, 'r-7');
  await mkdir(bundle, { recursive: true });
  await writeFile(join(bundle, 'account.json'), 'torn');
  await prune(0);
  expect(await names()).toEqual(['data', 'data.replaced-r-1-1763760000001']);
});
