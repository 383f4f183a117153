/** Copies the guard programs and their settings to where PostgreSQL, keepalived and the supervisor find them, root's alone. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { resolvedPath } from '../../world/postgres/processes.ts';
import { describeResult, type Command } from '../../world/remote/runner.ts';
import type { GuardContext } from './guard-context.ts';
import { GUARD_PROGRAMS, GUARD_SOURCES } from './guard-programs.ts';
import { guardSettings, userCommandsFile, type UserCommands } from './guard-settings.ts';

const ID_LIMIT_MS = 5_000;
const SETTINGS = 'settings';
const USER_COMMANDS = 'user-commands';
const NO_COMMANDS: UserCommands = { restoreCommand: '', recoveryEndCommand: '' };

/**
 * Idempotent, and without effect by itself: no program acts before `activateGuards`. To be called before keepalived starts,
 * because keepalived drops a script that it does not find. `directory` is where the files are written; what they say of
 * themselves is always `paths.guardDirectory`. Throws `refused` where others than root may write there.
 */
export async function installGuards(
  context: GuardContext,
  directory: string = context.paths.guardDirectory,
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  requireRootsAlone(directory);
  for (const { name, mode } of GUARD_PROGRAMS)
    await writeAtomically(join(directory, name), await readFile(join(GUARD_SOURCES, name), 'utf8'), { mode });
  if (!existsSync(join(directory, USER_COMMANDS))) await writeUserCommands(context, NO_COMMANDS, directory);
  await writeSettings(context, isActive(directory), directory);
}

/** The wrappers run these commands of the user's. */
export async function writeUserCommands(
  context: GuardContext,
  commands: UserCommands,
  directory: string = context.paths.guardDirectory,
): Promise<void> {
  await writeAtomically(join(directory, USER_COMMANDS), userCommandsFile(commands), {
    mode: 0o640,
    owner: { uid: 0, gid: await groupOf(context) },
  });
}

/** From their next look on, a tenth of a second, fuse and dead-man script fence by the level rule. */
export async function activateGuards(context: GuardContext): Promise<void> {
  await writeSettings(context, true);
}

/** From their next look on they do nothing. */
export async function deactivateGuards(context: GuardContext): Promise<void> {
  await writeSettings(context, false);
}

async function writeSettings(
  context: GuardContext,
  active: boolean,
  directory: string = context.paths.guardDirectory,
): Promise<void> {
  const realDataDirectory = await resolvedPath(context.cluster.postgres.dataDirectory);
  await writeAtomically(join(directory, SETTINGS), guardSettings({ ...context, realDataDirectory, active }), {
    mode: 0o644,
  });
}

function isActive(directory: string): boolean {
  const path = join(directory, SETTINGS);
  return existsSync(path) && /^ACTIVE='yes'$/m.test(readFileSync(path, 'utf8'));
}

/** keepalived refuses a script whose path others may change; PostgreSQL and root would run what they put there. */
function requireRootsAlone(directory: string): void {
  for (let path = directory; ; path = dirname(path)) {
    const { uid, mode } = statSync(path);
    const sticky = path !== directory && (mode & 0o1000) !== 0;
    if (uid !== 0 || ((mode & 0o022) !== 0 && !sticky))
      throw new PrimacyError('refused', `cannot install guards: others than root may write to ${path}`);
    if (path === dirname(path)) return;
  }
}

async function groupOf(context: GuardContext): Promise<number> {
  const command: Command = {
    program: 'id',
    arguments: ['-g', context.cluster.postgres.user],
    timeoutMs: ID_LIMIT_MS,
  };
  const result = await context.runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError('command-failed', `cannot install guards: ${describeResult(command, result)}`);
  return Number(result.stdout.trim());
}
