/** The disk fills up while pg_basebackup copies: nothing of the old data is touched, a person is told in a sentence, and the next call goes on. */
import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { account } from '../../../../src/node/procedures/account.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { rejoin } from '../../../../src/node/procedures/rejoin.ts';
import type { RejoinReport } from '../../../../src/world/remote/protocol.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';
import { expectFollowing } from '../../../support/split.ts';

const execute = promisify(execFile);
const LIMIT_MS = 180_000;
const DISK_MEGABYTES = 700;

let playground: Playground;
let one: TestServer;
let two: TestServer;
let context: ProcedureContext;
let digest: string;

/** Its home becomes a small disk of its own. */
async function moveToSmallDisk(server: TestServer): Promise<void> {
  const home = server.socketDirectory;
  await stopServer(server, 'fast');
  const { uid, gid } = await stat(home);
  const aside = `${home}-aside`;
  await rename(home, aside);
  await mkdir(home);
  await execute('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', home]);
  await chown(home, uid, gid);
  await execute('cp', ['-a', join(aside, 'data'), home]);
  await rm(aside, { recursive: true });
  await startServer(server);
}

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(two.socketDirectory);
  return bavail * bsize;
}

/** Takes all room but so many bytes. */
async function hog(name: string, left: number): Promise<string> {
  const path = join(two.socketDirectory, name);
  await execute('fallocate', ['-l', String((await freeBytes()) - left), path]);
  return path;
}

function rejoinTwo(changed: Partial<ProcedureContext> = {}): Promise<RejoinReport> {
  const order = { ...orderOf('r-1'), survivor: nodeNamed(one), accountDigest: digest };
  return rejoin({ ...context, ...changed }, order);
}

beforeEach(async () => {
  playground = await createPlayground();
  // pg_rewind takes no source with this setting, so that only a base backup helps.
  one = await playground.createPrimary('pg1', ['full_page_writes = off', 'wal_keep_size = 32MB']);
  await sql(one, 'create table item (id serial primary key, text text)');
  two = await playground.createStandby('pg2', one);
  await moveToSmallDisk(two);
  await promoteServer(two);
  await sql(two, "insert into item (text) values ('lost')");
  await sql(one, "insert into item (text) values ('kept')");
  context = await contextOf(playground.directory, two, [one, two]);
  await fence(context, { ...orderOf('r-1'), reason: 'dual-primary' });
  ({ digest } = await account(context, { ...orderOf('r-1'), survivor: nodeNamed(one) }));
}, LIMIT_MS);
afterEach(async () => {
  await stopServer(two, 'immediate').catch(() => undefined);
  await execute('umount', ['--lazy', two.socketDirectory]);
  await playground.remove();
}, LIMIT_MS);

test(
  'a disk that fills up during the copy leaves the old directory whole; with room the same order ends',
  async () => {
    const { dataDirectory } = two.postgres;
    const copy = join(playground.directory, 'copy');
    await cp(dataDirectory, copy, { recursive: true });
    let full = '';
    const journal: ProcedureContext['journal'] = {
      append: async (entry) => {
        await context.journal.append(entry);
        if (entry.step === 'pg-basebackup' && entry.event === 'intent') full = await hog('hog', 20_000_000);
      },
    };
    await expect(rejoinTwo({ journal })).rejects.toThrow(
      /^cannot copy pg1 to pg2: the disk of .*pg2 is full; the old data directory is whole: make room, and the rejoin goes on/,
    );
    // Only what the rejoin is for was written there.
    const { stdout } = await execute('diff', ['--recursive', '--brief', copy, dataDirectory]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
    await rm(full);
    expect((await rejoinTwo()).how).toBe('basebackup');
    await expectFollowing(two, one);
  },
  LIMIT_MS,
);

test(
  'without room for a copy nothing is begun; what an interrupted copy left takes no room from the next one',
  async () => {
    const full = await hog('hog', 30_000_000);
    await expect(rejoinTwo()).rejects.toThrow(
      /\d+ MB are free beside the data directory, a rejoin needs \d+ MB/,
    );
    await rm(full);
    const left = join(two.socketDirectory, '.data.new');
    expect(await readdir(two.socketDirectory)).not.toContain('.data.new');
    await mkdir(left);
    await writeFile(join(left, 'half'), '');
    await execute('fallocate', ['-l', String((await freeBytes()) - 30_000_000), join(left, 'half')]);
    expect((await rejoinTwo()).how).toBe('basebackup');
    await expectFollowing(two, one);
  },
  LIMIT_MS,
);
