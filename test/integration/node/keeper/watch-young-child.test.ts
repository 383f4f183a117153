/** A postmaster's child that was seen before its postmaster, and before it had a title of its own, is not taken for the postmaster for ever. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServerWatch } from '../../../../src/node/keeper/watch.ts';

const POSTMASTER_TITLE = '/usr/lib/postgresql/15/bin/postgres';

let folder = '';
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'primacy-watch-'));
  // A shell that the kernel calls postgres, so that its titles can be chosen.
  await copyFile('/bin/bash', join(folder, 'postgres'));
});
afterAll(async () => {
  for (const { pid } of started) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  await rm(folder, { recursive: true });
});

function shellNamedPostgres(title: string, script: string): ChildProcess {
  const child = spawn(join(folder, 'postgres'), ['-c', script], {
    argv0: title,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  started.push(child);
  return child;
}

test('the server is seen in recovery once both are what they are', async () => {
  const watch = createServerWatch(new Set([folder]));
  const child = shellNamedPostgres(
    POSTMASTER_TITLE,
    `read; exec -a 'postgres: checkpointer' ${folder}/postgres -c 'read; :'`,
  );
  await expect.poll(() => watch.look(0).postmaster?.pid).toBe(child.pid);
  child.stdin?.write('\n');
  const postmaster = shellNamedPostgres(
    POSTMASTER_TITLE,
    `(exec -a 'postgres: startup recovering' ${folder}/postgres -c 'read; :') <&0 & read; :`,
  );
  await expect
    .poll(() => watch.look(0), { timeout: 5_000 })
    .toMatchObject({
      state: 'recovery',
      postmaster: { pid: postmaster.pid },
    });
});
