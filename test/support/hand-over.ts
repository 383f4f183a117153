/** Pairs of real servers for a hand-over: contexts with secret and session, the restore wrapper installed, a kill as the drill does it. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { LeaseId } from '../../src/core/lease/lease.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import { guardSettings, userCommandsFile } from '../../src/node/adopt/guard-settings.ts';
import { createHandOverSession, type HandOverContext } from '../../src/node/hand-over/context.ts';
import { makeRestoreDirectory } from '../../src/node/hand-over/chain.ts';
import { localRunner } from '../../src/world/remote/local-runner.ts';
import { postmasterPid, sql, type TestServer } from './postgres-cluster.ts';
import { contextOf } from './procedure-context.ts';

export const SECRET = 'a secret of the cluster';
const GUARD = join(import.meta.dirname, '../../src/node/guard');

/** As the agent of `own` has it. Close `session` at the end. */
export async function handOverContext(
  playground: string,
  own: TestServer,
  servers: readonly TestServer[],
  timings: Readonly<Record<string, number>> = {},
): Promise<HandOverContext> {
  const context = await contextOf(playground, own, servers, timings);
  await makeRestoreDirectory(localRunner, context.cluster.postgres, context.paths.restoreDirectory);
  return { ...context, secret: SECRET, session: createHandOverSession(context.cluster, context.local) };
}

/** The wrapper where the server can run it, around the user's own command; `use` it by `restore_command`. */
export async function installWrapper(
  playground: string,
  context: HandOverContext,
  userCommand: string,
): Promise<{ readonly program: string; readonly restoreCommand: string }> {
  const directory = join(playground, `${context.node.name}-guard`);
  await mkdir(directory, { recursive: true });
  for (const name of ['restore-wal', 'lease.sh', 'user-command.sh'])
    await copyFile(join(GUARD, name), join(directory, name));
  const { cluster, node, paths } = context;
  const realDataDirectory = cluster.postgres.dataDirectory;
  const settings = guardSettings({ cluster, node, paths, realDataDirectory, active: true });
  await writeFile(join(directory, 'settings'), settings);
  const commands = { restoreCommand: userCommand, recoveryEndCommand: '' };
  await writeFile(join(directory, 'user-commands'), userCommandsFile(commands));
  const program = join(directory, 'restore-wal');
  await chmod(program, 0o755);
  return { program, restoreCommand: `${program} "%f" "%p" "%r"` };
}

/** Changes a setting of a running server. */
export async function setSetting(server: TestServer, name: string, value: string): Promise<void> {
  await sql(server, `alter system set ${name} = '${value.replaceAll("'", "''")}'`);
  await sql(server, 'select pg_reload_conf()');
}

/** Kills the postmaster alone, as the drill does: its backends find out by themselves. */
export async function killPostmaster(server: TestServer): Promise<number> {
  const pid = await postmasterPid(server);
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** Waits until the dead postmaster's number is free: the lock files that it left stop every start until then. */
export async function reaped(pid: number): Promise<void> {
  await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 20_000 }).toBe(false);
}

export function leaseOf(holder: TestServer, epoch = 7): LeaseId {
  return {
    epoch,
    uuid: `c0ffee00-0000-4000-8000-00000000000${epoch}`,
    holder: holder.name as NodeName,
  };
}
