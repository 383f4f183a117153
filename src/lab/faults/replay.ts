/** A standby that receives WAL and does not apply it, and a primary that writes more than a standby may miss. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { CLIENT_DATABASE } from '../configure/schema-sql.ts';
import { databaseHosts } from '../topology.ts';
import type { FaultTarget } from './fault.ts';
import { sql } from './shell.ts';

/** pg_wal_replay_pause, as somebody does who wants to look at a moment of the past. */
export async function pauseReplay(target: FaultTarget): Promise<void> {
  await sql(target, 'postgres', 'select pg_wal_replay_pause()');
}

/** A server that has been promoted or started again since is paused no more. */
export async function resumeReplay(target: FaultTarget): Promise<void> {
  await sql(target, 'postgres', 'select case when pg_is_in_recovery() then pg_wal_replay_resume()::text end');
}

/** recovery_min_apply_delay of an hour: a standby that is kept as insurance against mistakes. */
export async function delayReplay(target: FaultTarget): Promise<void> {
  await sql(target, 'postgres', "alter system set recovery_min_apply_delay = '1h'; select pg_reload_conf();");
}

export async function hurryReplay(target: FaultTarget): Promise<void> {
  await sql(target, 'postgres', 'alter system reset recovery_min_apply_delay; select pg_reload_conf();');
}

/**
 * Points a standby at another one (`others`), as somebody does who wants to spare the primary a WAL sender. Throws `usage` where none is named.
 */
export async function cascade(target: FaultTarget): Promise<void> {
  const [name] = target.others;
  const upstream = databaseHosts(target.topology).find((it) => it.name === name);
  if (upstream === undefined)
    throw new PrimacyError(
      'usage',
      `cannot cascade ${target.host.name}: name its upstream, such as --with pg2`,
    );
  const now = await sql(target, 'postgres', 'show primary_conninfo');
  const next = now.trim().replace(/host=\S+/, `host=${upstream.addresses[0]}`);
  await sql(
    target,
    'postgres',
    `alter system set primary_conninfo = '${next.replaceAll("'", "''")}'; select pg_reload_conf();`,
  );
}

/** Three times the loss bound of 16 MiB, in one transaction that is committed. */
export async function writeMuch(target: FaultTarget): Promise<void> {
  await sql(
    target,
    CLIENT_DATABASE,
    "create table much as select repeat('x', 1000) as text from generate_series(1, 48000);",
  );
}

export async function dropMuch(target: FaultTarget): Promise<void> {
  await sql(target, CLIENT_DATABASE, 'drop table if exists much');
}
