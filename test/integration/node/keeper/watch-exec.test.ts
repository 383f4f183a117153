/** A process that becomes a postmaster by exec long after it was first seen must not make its children look like orphans. */
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createServerWatch } from '../../../../src/node/keeper/watch.ts';
import { systemClock } from '../../../../src/world/clock.ts';

/** As pg_ctl starts a server: a shell that waits, then one child and the program itself, under names that PostgreSQL uses. */
const SCRIPT = `cd "$1" || exit 1
read -r go
(exec -a 'postgres: startup recovering' ./postgres 30) &
exec ./postgres 30`;

test('a shell that waited for two seconds and becomes the postmaster is one from its first moment', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'primacy-watch-'));
  // Its name is all that the watch goes by.
  await copyFile('/bin/sleep', join(directory, 'postgres'));
  const shell = spawn('bash', ['-c', SCRIPT, 'bash', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  try {
    const watch = createServerWatch(new Set([directory]));
    const seen = new Set<string>();
    const lookFor = async (milliseconds: number): Promise<void> => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end) {
        seen.add(watch.look(performance.now()).state);
        await systemClock.wait(5);
      }
    };
    await lookFor(2_300);
    expect([...seen]).toEqual(['none']);
    shell.stdin.end('go\n');
    await expect
      .poll(
        () => {
          const { state } = watch.look(performance.now());
          seen.add(state);
          return state;
        },
        { interval: 1 },
      )
      .toBe('recovery');
    await lookFor(1_200);
    expect(seen).not.toContain('orphans');
  } finally {
    if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    await rm(directory, { recursive: true });
  }
});
