/** A real pair with one thing after the other that real clusters have: adoption sees it, and says what to change before anything is touched. */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeAdoptable, type AdoptionJudgement } from '../../../../src/core/guard/judge-adoptable.ts';
import type { SystemIdentifier } from '../../../../src/core/model/names.ts';
import { adoptNode } from '../../../../src/node/adopt/adopt-node.ts';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { lookBeforeAdoption } from '../../../../src/node/adopt/look-before-adoption.ts';
import { runPsql } from '../../../../src/world/postgres/psql.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import { createGuardContext, endChild } from '../../../support/guard-ground.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

let playground: Playground;
let one: TestServer;
/** As the first one, at the same port of another address, so that both are nodes of one cluster. */
let two: TestServer;
let context: GuardContext;
let identifier: SystemIdentifier;
let agent: ChildProcess;

const judge = async (): Promise<AdoptionJudgement> =>
  judgeAdoptable(await lookBeforeAdoption(context, { role: 'primary', systemIdentifier: identifier }));
const reload = (server: TestServer): Promise<unknown> => sql(server, 'select pg_reload_conf()');
const hba = (server: TestServer): string => join(server.postgres.dataDirectory, 'pg_hba.conf');

async function moveTo(server: TestServer, address: string, port: number): Promise<TestServer> {
  await stopServer(server, 'fast');
  await appendFile(server.postgres.configFile, `listen_addresses = '${address}'\nport = ${port}\n`);
  const moved = { ...server, postgres: { ...server.postgres, port } };
  await startServer(moved);
  return moved;
}

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1', ['wal_level = logical']);
  two = await moveTo(await playground.createStandby('pg2', one), '127.0.0.2', one.postgres.port);
  const [row] = await sql<{ it: string }>(
    one,
    'select system_identifier::text as it from pg_control_system()',
  );
  identifier = (row?.it ?? '') as SystemIdentifier;
  const nodes = [
    { name: 'pg1', addresses: ['127.0.0.1'] },
    { name: 'pg2', addresses: ['127.0.0.2'] },
  ];
  context = createGuardContext(playground.directory, one, { systemIdentifier: identifier, nodes });
  agent = spawn('sh', ['-c', 'sleep 600 & wait', 'sh', 'agent'], { stdio: 'ignore' });
  await writeFile(context.paths.agentPidFile, `${agent.pid}\n`);
});
afterAll(async () => {
  await endChild(agent);
  await playground.remove();
});

test('a pair in which both let the other in has nothing to be refused', async () => {
  expect(await judge()).toEqual({ refusals: [], notices: [] });
});

test('logical slots, and files that a rejoin would overwrite, are said', async () => {
  await sql(one, "select pg_create_logical_replication_slot('orders', 'test_decoding')");
  const folder = join(one.postgres.dataDirectory, 'conf.d');
  await mkdir(folder);
  await writeFile(join(folder, 'own.conf'), "work_mem = '5MB'\n");
  await appendFile(one.postgres.configFile, "include_dir = 'conf.d'\n");
  await reload(one);
  const { refusals, notices } = await judge();
  expect(refusals).toEqual([]);
  expect(notices).toEqual([
    'logical slot orders does not survive a change of primary: its consumer needs it made again',
    `${folder}/own.conf lies in the data directory: a rejoin brings the other node's copy of it`,
  ]);
});

test.each([
  [
    'no line for replication',
    /^host\s+replication/gm,
    '# host replication',
    /pg2 does not let the role in for replication at 127.0.0.2: .*no pg_hba.conf entry for replication/,
  ],
  [
    'only encrypted connections',
    /^host\s+all/gm,
    'hostssl all',
    /pg2 does not let the role in by SQL at 127.0.0.2: .*no pg_hba.conf entry.*no encryption/,
  ],
])(
  'a pg_hba.conf with %s is refused, and the node is left as it was',
  async (_what, lines, instead, words) => {
    const before = await readFile(hba(two), 'utf8');
    await writeFile(hba(two), before.replaceAll(lines, instead));
    await reload(two);
    const others = [
      {
        name: 'pg2',
        answered: true,
        role: 'standby',
        adopted: false,
        prepared: false,
        holdsLease: false,
        holdsVip: false,
      } as const,
    ];
    await expect(adoptNode(context, { others, step: (_step, act) => act() })).rejects.toThrow(words);
    expect(await sql(one, "select name from pg_file_settings where sourcefile like '%auto.conf'")).toEqual(
      [],
    );
    await writeFile(hba(two), before);
    await reload(two);
  },
);

test('a keepalived.conf whose instance carries more than the VIP is refused', async () => {
  const vip = context.cluster.vip;
  const text = `vrrp_instance primacy {\n  virtual_ipaddress {\n    ${vip}\n    10.99.8.101/24\n  }\n}\n`;
  await writeFile(context.cluster.keepalived.configFile, text);
  expect((await judge()).refusals.join()).toContain('vrrp_instance primacy also carries 10.99.8.101');
  await writeFile(context.cluster.keepalived.configFile, text.replace('10.99.8.101/24', ''));
  expect((await judge()).refusals).toEqual([]);
});

test('a standby that cannot be asked, and a node that is down, are told apart from a refusal', async () => {
  await stopServer(two, 'fast');
  const { refusals, notices } = await judge();
  expect(refusals).toEqual([]);
  expect(notices.filter((it) => it.startsWith('whether pg2 lets this node in'))).toHaveLength(2);
  await appendFile(two.postgres.configFile, 'hot_standby = off\n');
  await expect(startServer(two)).resolves.toBeUndefined();
  await expect(runPsql(localRunner, two.postgres, 'postgres', 'select 1')).rejects.toThrow(
    'Hot standby mode is disabled',
  );
});

test('a server with a socket folder of its own, and a database with any name, are reached', async () => {
  const name = `it's a "base"=1`;
  await sql(one, `create database "${name.replaceAll('"', '""')}"`);
  expect(await runPsql(localRunner, one.postgres, name, 'select current_database()')).toBe(`${name}\n`);
});
