/** What the pinned settings were before adoption, so that `primacy unadopt` puts them back exactly. */
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Paths } from '../../config/paths.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import type { SettingLook } from '../../world/postgres/server-settings.ts';
import { wrapperCommands, type UserCommands } from './guard-settings.ts';

export interface FormerSettings {
  /** By name: the line that stood in postgresql.auto.conf, null where there was none. */
  readonly lines: Readonly<Record<string, string | null>>;
}

const WRAPPED = ['restore_command', 'recovery_end_command'] as const;

const fileOf = (paths: Paths): string => join(paths.guardDirectory, 'former.json');

/** Null where nothing was remembered. Throws `output-invalid` where the file cannot be understood: a person must look. */
export async function readFormer(paths: Paths): Promise<FormerSettings | null> {
  const path = fileOf(paths);
  const text = await readOptional(path);
  if (text === null) return null;
  try {
    const { lines } = JSON.parse(text) as FormerSettings;
    if (Object.values(lines).every((it) => it === null || typeof it === 'string')) return { lines };
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read former settings ${path}`, { cause: error });
  }
  throw new PrimacyError('output-invalid', `cannot read former settings ${path}: not settings`);
}

/** Mode 0600: a command of the user's may hold a password. */
export async function writeFormer(paths: Paths, former: FormerSettings): Promise<void> {
  await writeAtomically(fileOf(paths), `${JSON.stringify(former)}\n`);
}

/**
 * What to remember. The first adoption counts; later ones only add names, and a command that a person set over a pin is theirs.
 * A pin that was only emptied is no command.
 * A base backup of an adopted server has that server's pins in its file: they are nobody's former settings.
 */
export function rememberedOf(
  looks: readonly SettingLook[],
  before: FormerSettings | null,
  paths: Paths,
): FormerSettings {
  const wrappers = wrappersOf(paths);
  const isCopy = before === null && looks.some((it) => isWrapped(it.name) && it.pinned === wrappers[it.name]);
  const lines: Record<string, string | null> = { ...before?.lines };
  for (const { name, pinned } of looks) {
    if (isWrapped(name) && (pinned ?? '') !== '' && pinned !== wrappers[name]) lines[name] = pinned;
    else if (!(name in lines)) lines[name] = isCopy ? null : pinned;
  }
  return { lines };
}

/** The commands that the wrappers run: as they would be without our pins. */
export function userCommandsOf(looks: readonly SettingLook[], former: FormerSettings): UserCommands {
  const command = (name: (typeof WRAPPED)[number]): string =>
    former.lines[name] ?? looks.find((it) => it.name === name)?.configured ?? '';
  return {
    restoreCommand: command('restore_command'),
    recoveryEndCommand: command('recovery_end_command'),
  };
}

function isWrapped(name: string): name is (typeof WRAPPED)[number] {
  return (WRAPPED as readonly string[]).includes(name);
}

function wrappersOf(paths: Paths): Readonly<Record<(typeof WRAPPED)[number], string>> {
  const { restoreCommand, recoveryEndCommand } = wrapperCommands(paths);
  return { restore_command: restoreCommand, recovery_end_command: recoveryEndCommand };
}
