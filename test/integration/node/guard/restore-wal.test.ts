/** The restore wrapper gives what belongs to the holder's chain and hides the rest, and never makes a rescue wait for the user's command. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chainText } from '../../../../src/node/hand-over/chain.ts';
import { setHurry } from '../../../../src/node/hand-over/hurry.ts';
import { userCommandsFile } from '../../../../src/node/adopt/guard-settings.ts';
import { parseLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';

const GUARD = join(import.meta.dirname, '../../../../src/node/guard');
const SEGMENT = 1_048_576;
const OWN = '000000020000000000000050';
const PARENT = '00000001000000000000002F';

let directory: string;
let restore: string;
let archive: string;
let data: string;

beforeEach(async () => {
  directory = await mkdtemp('/tmp/primacy-test-');
  [restore, archive, data] = ['restore', 'archive', 'data'].map((it) => join(directory, it)) as [
    string,
    string,
    string,
  ];
  for (const it of [join(restore, 'known'), archive, join(data, 'pg_wal'), join(directory, 'guard')])
    await mkdir(it, { recursive: true });
  for (const name of ['restore-wal', 'lease.sh', 'user-command.sh'])
    await copyFile(join(GUARD, name), join(directory, 'guard', name));
  await chmod(join(directory, 'guard', 'restore-wal'), 0o755);
  await writeFile(join(directory, 'guard', 'settings'), `NODE='pg1'\nRESTORE_DIRECTORY='${restore}'\n`);
  await useCommand(`cp ${archive}/%f %p`);
  await useChain(null);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function useCommand(restoreCommand: string): Promise<void> {
  const commands = { restoreCommand, recoveryEndCommand: '' };
  return writeFile(join(directory, 'guard', 'user-commands'), userCommandsFile(commands));
}

function useChain(end: Lsn | null): Promise<void> {
  const history = [{ timeline: 1 as TimelineId, switchLsn: parseLsn('0/3000100') }];
  const chain = { timeline: 2 as TimelineId, history, walSegmentBytes: SEGMENT, end };
  return writeFile(join(restore, 'chain'), chainText(chain));
}

/** What PostgreSQL gets for a name: the file's first byte, `empty`, or the exit code where there is none. */
async function ask(name: string): Promise<string | number> {
  const path = 'pg_wal/RECOVERYXLOG';
  await rm(join(data, path), { force: true });
  const program = join(directory, 'guard', 'restore-wal');
  const code = await new Promise<number>((resolve) => {
    execFile(program, [name, path, OWN], { cwd: data, timeout: 20_000 }, (error) => {
      resolve(error === null ? 0 : typeof error.code === 'number' ? error.code : -1);
    });
  });
  const content = await readFile(join(data, path), 'utf8').catch(() => null);
  expect(content === null).toBe(code !== 0);
  return content === null ? code : content.slice(0, 20).trim();
}

function archived(name: string, content: string, bytes = SEGMENT): Promise<void> {
  return writeFile(join(archive, name), content.padEnd(bytes, ' '));
}

test('without a chain nothing is restored', async () => {
  await archived(OWN, 'own');
  expect(await ask(OWN)).toBe('own');
  await rm(join(restore, 'chain'));
  expect(await ask(OWN)).toBe(1);
});

test('what the agent fetched comes first, then the user’s archive', async () => {
  await archived(OWN, 'archived');
  expect(await ask(OWN)).toBe('archived');
  await writeFile(join(restore, OWN), 'fetched'.padEnd(SEGMENT, ' '));
  expect(await ask(OWN)).toBe('fetched');
});

test('segments of another timeline, and of a parent beyond its end, are hidden', async () => {
  for (const [name, content] of [
    [PARENT, 'parent'],
    ['000000010000000000000030', 'the last of it'],
    ['000000010000000000000031', 'discarded'],
    ['000000030000000000000050', 'foreign'],
  ] as const)
    await archived(name, content);
  expect(await ask(PARENT)).toBe('parent');
  expect(await ask('000000010000000000000030')).toBe('the last of it');
  expect(await ask('000000010000000000000031')).toBe(1);
  expect(await ask('000000030000000000000050')).toBe(1);
});

test('beyond the end of a dead primary nothing is asked for', async () => {
  await archived(OWN, 'own');
  await archived('000000020000000000000051', 'beyond');
  await useChain(parseLsn('0/5000100'));
  expect(await ask(OWN)).toBe('own');
  expect(await ask('000000020000000000000051')).toBe(1);
});

test('a segment of another size is never given: one that is too large would stop the server', async () => {
  for (const bytes of [SEGMENT - 1, SEGMENT + 1, 0]) {
    await archived(OWN, '', bytes);
    expect(await ask(OWN)).toBe(1);
    await rm(join(archive, OWN));
    await writeFile(join(restore, OWN), Buffer.alloc(bytes));
    expect(await ask(OWN)).toBe(1);
    await rm(join(restore, OWN));
  }
});

test('a history file is given where its lines are the chain’s; another of that number is hidden, and remembered', async () => {
  await archived('00000002.history', '1\t0/3000100\tno recovery target specified\n', 0);
  expect(await ask('00000002.history')).toBe('1\t0/3000100\tno recov');
  await archived('00000002.history', '1\t0/3000200\tno recovery target specified\n', 0);
  expect(await ask('00000002.history')).toBe(1);
  await archived('00000003.history', '1\t0/3000100\tx\n2\t0/4000000\tx\n', 0);
  expect(await ask('00000003.history')).toBe(1);
  expect(await readFile(join(restore, 'known/00000003.history'), 'utf8')).toContain('0/4000000');
});

test('while promoting every history file ever seen is shown, so that an unused number is chosen', async () => {
  await archived('00000003.history', '1\t0/3000100\tx\n', 0);
  expect(await ask('00000003.history')).toBe(1);
  await rm(join(archive, '00000003.history'));
  await setHurry(restore, 'promoting', 60);
  expect(await ask('00000003.history')).toBe('1\t0/3000100\tx');
  expect(await ask('00000004.history')).toBe(1);
  await archived('00000004.history', '1\t0/3000300\tx\n', 0);
  // On a busy machine even a copy may take longer than a promotion waits for it.
  await expect.poll(() => ask('00000004.history'), { timeout: 20_000 }).toBe('1\t0/3000300\tx');
});

test('that takes no chain, which a node that was adopted a moment ago has not written yet', async () => {
  await archived('00000003.history', '1\t0/3000100\tx\n', 0);
  await rm(join(restore, 'chain'));
  expect(await ask('00000003.history')).toBe(1);
  await setHurry(restore, 'promoting', 60);
  await expect.poll(() => ask('00000003.history'), { timeout: 20_000 }).toBe('1\t0/3000100\tx');
});

test('a user’s command that hangs is ended while a rescue or promotion is under way, and counts as a miss', async () => {
  await useCommand('sleep 600');
  for (const hurry of ['rescue', 'promoting'] as const) {
    await setHurry(restore, hurry, 60);
    expect(await ask(OWN)).toBe(1);
    await rm(join(restore, hurry));
  }
});

test('a marker that was forgotten, or cannot be read, ends by itself', async () => {
  await useCommand(`sleep 0.3; cp ${archive}/%f %p`);
  await archived(OWN, 'slow');
  await setHurry(restore, 'rescue', -1);
  expect(await ask(OWN)).toBe('slow');
  await writeFile(join(restore, 'rescue'), 'garbage');
  expect(await ask(OWN)).toBe('slow');
});

test('during a rescue no history file but a fetched one of the chain is given', async () => {
  await archived('00000002.history', '1\t0/3000100\tx\n', 0);
  await setHurry(restore, 'rescue', 60);
  expect(await ask('00000002.history')).toBe(1);
  await writeFile(join(restore, '00000002.history'), '1\t0/3000100\tfetched\n');
  expect(await ask('00000002.history')).toBe('1\t0/3000100\tfetched');
});

test('the user’s exit codes never stop the server, and its failed copy leaves nothing behind', async () => {
  await useCommand('echo part > %p; exit 200');
  expect(await ask(OWN)).toBe(1);
  await useCommand('');
  expect(await ask(OWN)).toBe(1);
});

test('names that are neither segment nor history are misses', async () => {
  for (const name of ['0000000x.history', '../00000002.history', 'backup_label', `${OWN}.partial`, ''])
    expect(await ask(name)).toBe(1);
});

test('a chain that is cut off hides rather than shows', async () => {
  await archived(OWN, 'own');
  const whole = await readFile(join(restore, 'chain'), 'utf8');
  await writeFile(join(restore, 'chain'), whole.slice(0, whole.indexOf('wal 00000002') + 7));
  expect(await ask(OWN)).toBe(1);
});
