/** Suspends synchronous replication on a new primary, which has no standby yet, and restores it when enough of its set stream. */
import { decideSynchronous, type SynchronousSnapshot } from '../../core/guard/decide-synchronous.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { runPsql } from '../../world/postgres/psql.ts';
import type { SqlOutcome, PostgresSession, Statement } from '../../world/postgres/session.ts';
import {
  readSuspended,
  restoreStatements,
  SUSPENDED_SETTING,
  suspendStatements,
  type SuspendedSynchronous,
} from '../../world/postgres/suspended-synchronous.ts';
import type { ProcedureContext } from '../procedures/context.ts';

type Context = Pick<ProcedureContext, 'cluster' | 'runner'>;

const IN_FORCE: Statement = {
  name: 'primacy_synchronous_in_force',
  text: `select current_setting('synchronous_standby_names') as names`,
};

/**
 * Recorded first, then emptied; returns the setting as it was, null where it was empty. Works in recovery and outside. Only for a server on
 * which no commit can wait yet: emptying the setting acknowledges every one that does (peers.md lesson 3).
 */
export async function suspendSynchronous(
  context: Context & Pick<ProcedureContext, 'node'>,
): Promise<string | null> {
  const names = (await psql(context, suspendStatements(context.node.name))).split('\n')[0] ?? '';
  return names === '' ? null : names;
}

/** Whether the server itself says that no commit waits for a standby; null where it did not answer. */
export async function isSuspended(session: PostgresSession, limitMs: number): Promise<boolean | null> {
  const outcome: SqlOutcome<{ readonly names: string }> = await session.query(IN_FORCE, limitMs);
  return outcome.kind === 'rows' ? outcome.rows[0]?.names === '' : null;
}

/** Puts back what was suspended. A person who changed the setting meanwhile has the last word: then only the record is dropped. */
export async function restoreSynchronous(context: Context, suspended: SuspendedSynchronous): Promise<void> {
  await psql(context, restoreStatements(suspended));
}

/** What a node that is given back needs: the setting as the user had it, or a person who knows that it is not. */
export interface GivenBack {
  readonly names: string;
  /** False on a primary whose commits would wait for a standby that does not stream. */
  readonly restored: boolean;
}

const STATE = `select json_build_object(
    'record', current_setting('${SUSPENDED_SETTING}', true),
    'inRecovery', pg_is_in_recovery(),
    'inForce', current_setting('synchronous_standby_names'),
    'senders', (select coalesce(json_agg(json_build_object('applicationName', application_name, 'state', state)), '[]')
      from pg_stat_replication))`;

/** On a running server. Null where nothing is suspended. Throws `output-invalid` where the record cannot be read. */
export async function giveBackSynchronous(context: Context): Promise<GivenBack | null> {
  const { record: text, ...state } = JSON.parse(await psql(context, STATE)) as Omit<
    SynchronousSnapshot,
    'suspended'
  > & { readonly record: string | null };
  const record = readSuspended(text);
  if (record.kind === 'unknown') throw new PrimacyError('output-invalid', `cannot restore: ${record.reason}`);
  if (record.value === null) return null;
  const { names } = record.value;
  const restored = decideSynchronous({ ...state, suspended: names }).kind === 'restore';
  if (restored) await restoreSynchronous(context, record.value);
  return { names, restored };
}

function psql({ runner, cluster }: Context, statements: string): Promise<string> {
  return runPsql(runner, cluster.postgres, 'postgres', statements);
}

/** Throws `postcondition-missing`: a new primary that waits for standbys it does not have serves nobody. */
export function notSuspended(node: string): PrimacyError {
  return new PrimacyError('postcondition-missing', `cannot suspend synchronous replication on ${node}`, {
    retryable: true,
  });
}
