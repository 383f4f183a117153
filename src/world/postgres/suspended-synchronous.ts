/** The record of a suspended `synchronous_standby_names`: a setting of ours beside it in postgresql.auto.conf, so that no copy of one lacks the other. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { SuspendedNames } from '../../core/model/observation.ts';
import { quoteLiteral } from './setup-statements.ts';

/** PostgreSQL keeps settings with a dot for whoever wrote them, and shows them to every role. */
export const SUSPENDED_SETTING = 'primacy.suspended_synchronous';

export interface SuspendedSynchronous extends SuspendedNames {
  /** It stood in postgresql.auto.conf, else in a file of the user's, which is left alone. */
  readonly byAlterSystem: boolean;
}

/** Null where nothing is suspended. */
export function readSuspended(text: string | null): Known<SuspendedSynchronous | null> {
  if (text === null || text === '') return known(null);
  try {
    const { names, byAlterSystem, at, by } = JSON.parse(text) as Partial<SuspendedSynchronous>;
    if (typeof names === 'string' && typeof byAlterSystem === 'boolean' && typeof at === 'number')
      return known({ names, byAlterSystem, at, by: typeof by === 'string' ? by : null });
  } catch {
    // Said below: what it is not is all that matters.
  }
  return unknown(`${SUSPENDED_SETTING} cannot be read: ${text.slice(0, 100)}`);
}

const IS_PINNED = `exists (select from pg_file_settings f where f.name = 'synchronous_standby_names'
    and f.sourcefile like '%/postgresql.auto.conf')`;

/**
 * For psql. The record comes first, so that a crash between the two leaves a record of what is still in force, and never an empty setting
 * without one. A record that stands is kept: the setting that is empty because of it is nobody's wish. Prints the setting as it was. `by`: the
 * node whose agent does it.
 */
export function suspendStatements(by: string): string {
  return `
select setting from pg_settings where name = 'synchronous_standby_names';
set ${SUSPENDED_SETTING} = '';
select format('alter system set ${SUSPENDED_SETTING} = %L', json_build_object('names', setting,
    'byAlterSystem', ${IS_PINNED}, 'by', ${quoteLiteral(by)}::text, 'at', floor(extract(epoch from clock_timestamp()) * 1000))::text)
  from pg_settings where name = 'synchronous_standby_names' and setting <> '' \\gexec
select 'alter system set synchronous_standby_names = ''''' from pg_settings
  where name = 'synchronous_standby_names' and setting <> '' \\gexec
select pg_reload_conf();
`;
}

/** For psql. What a person set meanwhile stays; then only the record goes, and it goes last: a crash before that restores again. */
export function restoreStatements({ names, byAlterSystem }: SuspendedSynchronous): string {
  const back = byAlterSystem
    ? `format('alter system set synchronous_standby_names = %L', ${quoteLiteral(names)}::text)`
    : `'alter system reset synchronous_standby_names'`;
  return `
set ${SUSPENDED_SETTING} = '';
select ${back} where current_setting('synchronous_standby_names') = '' \\gexec
alter system reset ${SUSPENDED_SETTING};
select pg_reload_conf();
`;
}
