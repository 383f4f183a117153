/** Copies the survivor into new directories, beside those whose place they will take. */
import { chown, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import type { Command, CommandResult, Runner } from '../remote/runner.ts';
import {
  exists,
  FRESH_TABLESPACE,
  freshPathOf,
  realPlace,
  type BackupPlaces,
  type SourceTablespace,
} from './backup-places.ts';
import type { CopyOptions } from './rewind.ts';
import type { PostgresSession } from './session.ts';
import { rowsOf } from './survivor.ts';

/** The survivor's tablespaces that have a place of their own. Throws as `rowsOf`. */
export async function readTablespaces(
  session: PostgresSession,
  limitMs: number,
): Promise<readonly SourceTablespace[]> {
  const text = `select oid::text, spcname::text as name, pg_tablespace_location(oid) as location
    from pg_tablespace where pg_tablespace_location(oid) <> '' order by oid`;
  return rowsOf<SourceTablespace>(session, { name: 'primacy-tablespaces', text }, limitMs);
}

/** Removes what an interrupted backup left of the data directory's copy: it takes the room that the next one needs. */
export async function removeHalfCopy(dataDirectory: string): Promise<void> {
  await rm(freshPathOf(await realPlace(dataDirectory)), { recursive: true, force: true });
}

/** Whether pg_basebackup ended because a disk was full. It removes what it had written. */
export function diskWasFull(result: CommandResult): boolean {
  return result.kind === 'failed' && /No space left on device|Disk quota exceeded/.test(result.stderr);
}

/** Removes what an interrupted backup left and makes a whole one, fsynced by pg_basebackup itself. */
export async function takeBaseBackup(
  runner: Runner,
  postgres: PostgresConfig,
  places: BackupPlaces,
  options: CopyOptions,
): Promise<{ readonly command: Command; readonly result: CommandResult }> {
  const target = freshPathOf(places.dataDirectory);
  const wal = places.walDirectory === null ? null : freshPathOf(places.walDirectory);
  const tablespaces = places.tablespaces.map(({ source, location }) => ({
    source,
    fresh: join(location, FRESH_TABLESPACE),
  }));
  const fresh = [target, ...(wal === null ? [] : [wal]), ...tablespaces.map((it) => it.fresh)];
  const owner = await ownerOf(places.dataDirectory);
  for (const path of fresh) await makeEmpty(path, owner);
  const command: Command = {
    program: join(postgres.binDirectory, 'pg_basebackup'),
    arguments: [
      `--pgdata=${target}`,
      `--dbname=${options.source}`,
      '--wal-method=stream',
      '--checkpoint=fast',
      '--no-password',
      ...(wal === null ? [] : [`--waldir=${wal}`]),
      ...tablespaces.map((it) => `--tablespace-mapping=${quoted(it.source)}=${quoted(it.fresh)}`),
    ],
    user: postgres.user,
    environment: { PGPASSFILE: options.passwordFile },
    timeoutMs: options.timeoutSeconds * 1_000,
    inheritedDescriptors: options.inheritedDescriptors,
  };
  return { command, result: await runner.run(command) };
}

/** The parent may be root's alone, so the server's user is given an empty directory instead of making it. */
async function makeEmpty(path: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { mode: 0o700 });
  await chown(path, uid, gid);
}

/** In the moment between two renames the parent tells. */
async function ownerOf(dataDirectory: string): Promise<{ uid: number; gid: number }> {
  return stat((await exists(dataDirectory)) ? dataDirectory : dirname(dataDirectory));
}

/** pg_basebackup separates the two by an equals sign. */
function quoted(path: string): string {
  return path.replaceAll('=', String.raw`\=`);
}
