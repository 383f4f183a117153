/** What a rejoin needs on disk before it changes anything: the password file, and this node's own configuration kept aside. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeAtomically } from '../../../world/files/atomic-write.ts';
import { readOptional } from '../../../world/files/read-optional.ts';
import { keepFiles } from '../../../world/files/salvage-bundle.ts';
import type { RejoinManifest } from '../../../world/files/rejoin-manifest.ts';
import { exists, realPlace } from '../../../world/postgres/backup-places.ts';
import {
  connectionString,
  passwordFileLine,
  replaceSettings,
  standbySettings,
  type Settings,
} from '../../../world/postgres/recovery-settings.ts';
import type { CopyOptions } from '../../../world/postgres/rewind.ts';
import type { ProcedureContext } from '../context.ts';
import type { Survivor } from '../survivor-session.ts';

/** pg_rewind and pg_basebackup bring the source's copies of these along, where they stand in the data directory. */
export const OWN_FILES: readonly string[] = [
  'postgresql.conf',
  'postgresql.auto.conf',
  'pg_hba.conf',
  'pg_ident.conf',
];
const AUTO_CONF = 'postgresql.auto.conf';

/** Who owns the server's files: PostgreSQL refuses to start on a data directory that is not its user's. */
async function serverOwner(dataDirectory: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const { uid, gid } = await stat(dataDirectory);
  return { uid, gid };
}

/** libpq's password file for this node's WAL receiver. It stands beside the data directory, which a rewind would clear. */
export function receiverPasswordFile(dataDirectory: string): string {
  return join(dirname(dataDirectory), `.primacy-${basename(dataDirectory)}.pgpass`);
}

/** Writes the password file from the secret. Content 0600, owned by the server's user. */
export async function writeReceiverPassword(context: Pick<ProcedureContext, 'cluster'>): Promise<void> {
  const { postgres } = context.cluster;
  const password = (await readFile(postgres.passwordFile, 'utf8')).trim();
  await writeAtomically(
    receiverPasswordFile(postgres.dataDirectory),
    passwordFileLine(postgres.role, password),
    { owner: await serverOwner(await existing(postgres.dataDirectory)) },
  );
}

/** The data directory, or its parent in the moment between the two renames of a swap. */
async function existing(dataDirectory: string): Promise<string> {
  return (await exists(dataDirectory)) ? dataDirectory : dirname(await realPlace(dataDirectory));
}

/** Keeps this node's configuration files in the salvage bundle, once, before anything overwrites them. */
export async function keepConfiguration(context: ProcedureContext, manifest: RejoinManifest): Promise<void> {
  const { dataDirectory } = context.cluster.postgres;
  const sources: { readonly path: string; readonly name: string }[] = [];
  for (const name of OWN_FILES)
    if ((await readOptional(join(dataDirectory, name))) !== null)
      sources.push({ path: join(dataDirectory, name), name });
  await keepFiles(keptConfiguration(manifest), sources);
}

/** Puts this node's configuration back, points it at the survivor, and makes sure that it can only start as a standby. */
export async function writeConfiguration(
  context: ProcedureContext,
  manifest: RejoinManifest,
  survivor: Survivor,
): Promise<void> {
  const { dataDirectory } = context.cluster.postgres;
  const owner = await serverOwner(dataDirectory);
  const put = (name: string, text: string): Promise<void> =>
    writeAtomically(join(dataDirectory, name), text, { owner });
  // The signal comes first: whatever happens from here on, a start is a start as a standby.
  await put('standby.signal', '');
  for (const name of OWN_FILES) {
    const kept = await readOptional(join(keptConfiguration(manifest), name));
    if (kept !== null && name !== AUTO_CONF) await put(name, kept);
  }
  const kept = (await readOptional(join(keptConfiguration(manifest), AUTO_CONF))) ?? '';
  await put(AUTO_CONF, replaceSettings(kept, settingsTowards(context, survivor)));
}

/** Points this node, whose data and configuration are its own and fit, at the survivor: a start or a reload makes it follow. */
export async function pointAt(context: ProcedureContext, survivor: Survivor): Promise<void> {
  const { dataDirectory } = context.cluster.postgres;
  const owner = await serverOwner(dataDirectory);
  await writeAtomically(join(dataDirectory, 'standby.signal'), '', { owner });
  const path = join(dataDirectory, AUTO_CONF);
  const text = replaceSettings((await readOptional(path)) ?? '', settingsTowards(context, survivor));
  await writeAtomically(path, text, { owner });
}

/** The value of `primary_conninfo` that asks the survivor at its own address. */
export function standbyConninfo(context: ProcedureContext, survivor: Survivor): string {
  return settingsTowards(context, survivor)['primary_conninfo'] ?? '';
}

function settingsTowards(context: ProcedureContext, survivor: Survivor): Settings {
  const { postgres } = context.cluster;
  return standbySettings({
    ...survivor.endpoint,
    user: postgres.role,
    passfile: receiverPasswordFile(postgres.dataDirectory),
    application_name: context.node.name,
  });
}

/** How pg_rewind and pg_basebackup reach the survivor: the password by file, never on a command line. */
export function copyOptions(
  context: ProcedureContext,
  survivor: Survivor,
  timeoutSeconds: number,
): CopyOptions {
  const { postgres, heartbeat } = context.cluster;
  return {
    source: connectionString({ ...survivor.endpoint, user: postgres.role, dbname: heartbeat.database }),
    passwordFile: receiverPasswordFile(postgres.dataDirectory),
    timeoutSeconds,
    inheritedDescriptors: context.lockDescriptors,
  };
}

function keptConfiguration(manifest: RejoinManifest): string {
  return join(manifest.bundle, 'configuration');
}
