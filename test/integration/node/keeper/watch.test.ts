/** The watch tells a real server's state by its processes alone, through start, promotion, stop, kill and SIGSTOP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServerWatch, type ServerWatch } from '../../../../src/node/keeper/watch.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  postmasterPid,
  promoteServer,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

let playground: Playground;
let primary: TestServer;
let standby: TestServer;

beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
  standby = await playground.createStandby('pg2', primary);
}, 60_000);
afterAll(() => playground.remove());

function watchOf(server: TestServer): ServerWatch {
  return createServerWatch(new Set([server.postgres.dataDirectory]));
}

const look = (watch: ServerWatch): string => watch.look(performance.now()).state;

describe('the watch of a server', () => {
  test('sees a primary writable and a standby in recovery', () => {
    expect(look(watchOf(primary))).toBe('writable');
    expect(look(watchOf(standby))).toBe('recovery');
  });

  test('sees nothing of a server of another data directory', () => {
    const elsewhere = createServerWatch(new Set([`${playground.directory}/nobody`]));
    expect(look(elsewhere)).toBe('none');
  });

  test('sees that a postmaster was stopped by a signal, and that it goes on', async () => {
    const watch = watchOf(primary);
    const pid = await postmasterPid(primary);
    process.kill(pid, 'SIGSTOP');
    expect(watch.look(0).suspended).toBe(true);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => watch.look(0).suspended).toBe(false);
  });

  test('follows a server through a stop and a start, and tells the new one from the old', async () => {
    const watch = watchOf(primary);
    const before = watch.look(0).postmaster;
    await stopServer(primary, 'fast');
    expect(look(watch)).toBe('none');
    await startServer(primary);
    await expect.poll(() => look(watch), { timeout: 5_000 }).toBe('writable');
    expect(watch.look(0).postmaster).not.toEqual(before);
  }, 30_000);

  test('sees a promotion, and stays with it', async () => {
    const watch = watchOf(standby);
    expect(look(watch)).toBe('recovery');
    await promoteServer(standby);
    await expect.poll(() => look(watch), { timeout: 5_000 }).toBe('writable');
    const { since } = watch.look(performance.now());
    for (let count = 0; count < 20; count += 1) {
      expect(watch.look(performance.now())).toMatchObject({ state: 'writable', since });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }, 30_000);

  test('sees orphans of a killed postmaster, or already none, and then none', async () => {
    const watch = watchOf(primary);
    expect(look(watch)).toBe('writable');
    process.kill(await postmasterPid(primary), 'SIGKILL');
    await expect.poll(() => look(watch), { timeout: 5_000 }).toMatch(/^(orphans|none)$/);
    for (const it of await processesOf(primary.postgres.dataDirectory)) process.kill(it.pid, 'SIGKILL');
    await expect.poll(() => look(watch), { timeout: 5_000 }).toBe('none');
  }, 30_000);
});
