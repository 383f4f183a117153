/** The node lock between real processes: the kernel holds it, and gives it back however its holder ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeNodeLock } from '../../../../src/world/files/node-lock.ts';

const CHILD = join(import.meta.dirname, '../../../support/lock-child.ts');
let directory: string;
let path: string;
const holders: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-lock-'));
  path = join(directory, 'node.lock');
});
afterEach(async () => {
  for (const holder of holders.splice(0)) await end(holder);
  await rm(directory, { recursive: true });
});

async function hold(...options: string[]): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [CHILD, path, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  holders.push(holder);
  if (holder.stdout !== null) await once(holder.stdout, 'data');
  return holder;
}

async function end(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const exited = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exited;
}

test('a second caller is told at once who holds the lock', async () => {
  const holder = await hold();
  expect(() => takeNodeLock(path, 'fence')).toThrow(
    `cannot fence: rejoin is under way on this node (process ${holder.pid})`,
  );
});

test('a holder that was killed holds nothing', async () => {
  await end(await hold());
  const lock = takeNodeLock(path, 'fence');
  expect(lock.descriptor).toBeGreaterThan(0);
  lock.release();
});

test('a child that inherited the lock keeps it after its parent was killed', async () => {
  await end(await hold('--hand-on'));
  const readPid = async (): Promise<number> => Number(await readFile(`${path}.pid`, 'utf8').catch(() => '0'));
  await expect.poll(readPid, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(() => takeNodeLock(path, 'fence')).toThrow('rejoin is under way');
  process.kill(await readPid(), 'SIGKILL');
  const taken = (): boolean => {
    try {
      takeNodeLock(path, 'fence').release();
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(taken, { timeout: 10_000 }).toBe(true);
});

test('the lock can be taken again after it was given back', () => {
  takeNodeLock(path, 'fence').release();
  takeNodeLock(path, 'account').release();
  expect(() => takeNodeLock(join(path, 'below-a-file'), 'fence')).toThrow('EEXIST');
});
