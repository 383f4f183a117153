/** The user's archive over a failover, with archive_mode on and always: nobody writes over a file, and the archive alone leads to the newest row. */
import { createHash } from 'node:crypto';
import { appendFile, chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/world/clock.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import { writeChain } from '../../../../src/node/hand-over/chain.ts';
import type { HandOverContext } from '../../../../src/node/hand-over/context.ts';
import { promoteServer } from '../../../../src/node/hand-over/promote-server.ts';
import { joinAsStandby } from '../../../../src/node/start/join.ts';
import { known } from '../../../../src/core/model/known.ts';
import { keepChain } from '../../../../src/node/hand-over/keep-chain.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { handOverContext, installWrapper, leaseOf, setSetting } from '../../../support/hand-over.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { nodeNamed } from '../../../support/procedure-context.ts';

const SEGMENT = 16 * 1_024 * 1_024;
/** As PostgreSQL's manual wants it: a file that is there already is all right where it is the same, and a failure otherwise. */
const ARCHIVE = `#!/bin/sh
file=$3/$2
if [ -f "$file" ]; then
  cmp -s "$1" "$file" && exit 0
  echo "$2" >>"$3/conflicts"
  exit 1
fi
cp "$1" "$file.$$" && mv "$file.$$" "$file"
`;
const RESTORE = `#!/bin/sh
echo "$1" >>"$3/asked"
cp "$3/$1" "$2"
`;

let playground: Playground;
let archive: string;
let one: TestServer;
let two: TestServer;
let copy: TestServer;
let contexts: readonly HandOverContext[];

async function script(name: string, text: string): Promise<string> {
  const path = join(playground.directory, name);
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

async function prepare(mode: string): Promise<readonly [HandOverContext, HandOverContext]> {
  const archiver = await script('archive', ARCHIVE);
  const command = `archive_command = '${archiver} %p %f ${archive}'`;
  one = await playground.createPrimary('pg1', [`archive_mode = ${mode}`, command]);
  const { uid, gid } = await stat(one.socketDirectory);
  await chown(archive, uid, gid);
  await sql(one, 'create table item (id serial primary key, text text)');
  copy = await playground.createStandby('copy', one);
  await stopServer(copy, 'fast');
  two = await playground.createStandby('pg2', one);
  process.env['PGHOST'] = two.socketDirectory;
  const servers = [one, two];
  const [first, second] = [
    await handOverContext(playground.directory, one, servers),
    await handOverContext(playground.directory, two, servers),
  ];
  contexts = [first, second];
  const restorer = await script('restore', RESTORE);
  for (const [context, server] of [
    [first, one],
    [second, two],
  ] as const) {
    const { restoreCommand } = await installWrapper(
      playground.directory,
      context,
      `${restorer} %f %p ${archive}`,
    );
    await setSetting(server, 'restore_command', restoreCommand);
  }
  return [first, second];
}

/** A row, and the segment with it in the archive. */
async function writeAndArchive(server: TestServer): Promise<void> {
  await sql(server, `insert into item (text) values ('${server.name}')`);
  const [row] = await sql<{ name: string }>(
    server,
    'select pg_walfile_name(lsn) as name from (select pg_switch_wal() as lsn) it',
  );
  await expect.poll(() => readdir(archive), { timeout: 20_000 }).toContain(row?.name);
}

async function caughtUp(follower: TestServer, source: TestServer): Promise<void> {
  const rows = 'select id, text from item order by id';
  const wanted = await sql(source, rows);
  await expect.poll(() => sql(follower, rows), { timeout: 20_000 }).toEqual(wanted);
}

/** Of every WAL and history file in the archive. */
async function digests(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(archive)).filter((it) => /^[0-9A-F]{8}/.test(it));
  const entries = names.map(
    async (name) =>
      [
        name,
        createHash('sha256')
          .update(await readFile(join(archive, name)))
          .digest('hex'),
      ] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

beforeEach(async () => {
  playground = await createPlayground();
  archive = join(playground.directory, 'archive-files');
  await mkdir(archive);
});
afterEach(async () => {
  for (const { session } of contexts) await session.close();
  delete process.env['PGHOST'];
  await playground.remove();
});

test.each(['on', 'always'])('with archive_mode %s', async (mode) => {
  const [, heir] = await prepare(mode);
  await writeAndArchive(one);
  await writeAndArchive(one);
  await sql(one, "insert into item (text) values ('the last')");
  await caughtUp(two, one);
  const before = await digests();
  await killPostgres(one.postgres.dataDirectory, systemClock, 5);

  const chain = { timeline: 1 as TimelineId, history: [], walSegmentBytes: SEGMENT, end: null };
  await writeChain(heir.paths.restoreDirectory, chain);
  expect((await promoteServer(heir, leaseOf(two))).timeline).toBe(2);
  await writeAndArchive(two);
  const [old] = contexts;
  const joined = await joinAsStandby({ ...old, lockDescriptors: [] } as HandOverContext, nodeNamed(two), {
    policy: 'auto',
  });
  expect(joined).toMatchObject({ kind: 'following', how: 'start' });
  await writeAndArchive(two);
  await caughtUp(one, two);

  const names = Object.keys(await digests());
  expect(names).toContain('00000002.history');
  expect(names.some((it) => it.endsWith('.partial'))).toBe(true);
  expect(await digests()).toMatchObject(before);
  expect(await readdir(archive)).not.toContain('conflicts');
  // The user's own command was asked, before the number of the new timeline was chosen.
  expect(await readFile(join(archive, 'asked'), 'utf8')).toContain('00000002.history');

  // A copy from before all this reaches the newest row from the archive alone.
  await appendFile(
    copy.postgres.configFile,
    `primary_conninfo = ''\nrestore_command = 'cp ${archive}/%f %p'\n`,
  );
  await startServer(copy);
  await caughtUp(copy, two);
});

test('a number that was skipped, because an archive has it of a discarded timeline, keeps no standby from following', async () => {
  const [old, heir] = await prepare('on');
  await writeAndArchive(one);
  const discarded = join(archive, '00000002.history');
  await writeFile(discarded, '1\t0/1000000\tno recovery target specified\n');
  await caughtUp(two, one);
  await stopServer(one, 'fast');

  const chain = { timeline: 1 as TimelineId, history: [], walSegmentBytes: SEGMENT, end: null };
  await writeChain(heir.paths.restoreDirectory, chain);
  expect((await promoteServer(heir, leaseOf(two))).timeline).toBe(3);
  const history = await readFile(join(two.postgres.dataDirectory, 'pg_wal', '00000003.history'), 'utf8');
  const own = { inRecovery: false, timeline: known(3 as TimelineId), history: known(history) };
  await keepChain(heir, own, null);
  const joined = await joinAsStandby({ ...old, lockDescriptors: [] }, nodeNamed(two), { policy: 'auto' });
  expect(joined).toMatchObject({ kind: 'following', how: 'start' });
  await sql(two, "insert into item (text) values ('on the new timeline')");
  await caughtUp(one, two);
  // It follows over a restart too, when nobody tells it the numbers anew.
  await stopServer(one, 'fast');
  await startServer(one);
  await sql(two, "insert into item (text) values ('after its restart')");
  await caughtUp(one, two);
});
