/** Suspends synchronous replication on a new primary, which has no standby yet, remembers it, and restores it. */
import { rm } from 'node:fs/promises';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { runPsql } from '../../world/postgres/psql.ts';
import { quoteLiteral } from '../../world/postgres/setup-statements.ts';
import type { ProcedureContext } from '../procedures/context.ts';

export interface SuspendedSynchronous {
  /** `synchronous_standby_names` as it was. */
  readonly names: string;
  /** It stood in postgresql.auto.conf, else in a file of the user's, which is left alone. */
  readonly byAlterSystem: boolean;
}

type Context = Pick<ProcedureContext, 'cluster' | 'node' | 'paths' | 'runner'>;

/** Where `names` is not empty: recorded first, then emptied. Works in recovery and outside. */
export async function suspendSynchronous(context: Context): Promise<SuspendedSynchronous | null> {
  const [names = '', file = ''] = (
    await psql(
      context,
      `select setting, coalesce(sourcefile, '') from pg_settings where name = 'synchronous_standby_names'`,
    )
  )
    .trimEnd()
    .split('|');
  if (names === '') return null;
  const suspended = { names, byAlterSystem: file.endsWith('/postgresql.auto.conf') };
  await writeAtomically(context.paths.suspendedSynchronous, `${JSON.stringify(suspended)}\n`);
  await psql(context, "alter system set synchronous_standby_names = '';\nselect pg_reload_conf()");
  return suspended;
}

/** What was suspended and not restored yet; null = nothing. Throws `output-invalid` where the record cannot be read. */
export async function readSuspended(context: Context): Promise<SuspendedSynchronous | null> {
  const path = context.paths.suspendedSynchronous;
  const text = await readOptional(path);
  if (text === null) return null;
  try {
    const { names, byAlterSystem } = JSON.parse(text) as Partial<SuspendedSynchronous>;
    if (typeof names === 'string' && typeof byAlterSystem === 'boolean') return { names, byAlterSystem };
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read ${path}: ${errorText(error)}`, { cause: error });
  }
  throw new PrimacyError('output-invalid', `cannot read ${path}: expected names and byAlterSystem`);
}

/**
 * Puts it back; null where nothing was suspended. To be called once a standby of the set streams: before that every commit would wait.
 * A person who changed the setting meanwhile has the last word: then only the record is dropped.
 */
export async function restoreSynchronous(context: Context): Promise<string | null> {
  const suspended = await readSuspended(context);
  if (suspended === null) return null;
  const now = (await psql(context, 'show synchronous_standby_names')).trim();
  if (now === '') {
    const change = suspended.byAlterSystem
      ? `alter system set synchronous_standby_names = ${quoteLiteral(suspended.names)}`
      : 'alter system reset synchronous_standby_names';
    await psql(context, `${change};\nselect pg_reload_conf()`);
  }
  await rm(context.paths.suspendedSynchronous, { force: true });
  return suspended.names;
}

function psql({ runner, cluster }: Context, statements: string): Promise<string> {
  return runPsql(runner, cluster.postgres, 'postgres', statements);
}
