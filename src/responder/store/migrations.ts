/** The store's schema as steps that only move forward; a step is never changed once it was released. */
import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { PrimacyError, errorText } from '../../core/model/primacy-error.ts';
import type { Tables } from './tables.ts';

const migrations: Readonly<Record<string, Migration>> = {
  '001-journal': { up: createTables },
};

/** Brings the store to the newest schema. Throws `command-failed` with the step that could not be done; none is half done. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const step = results?.find((result) => result.status === 'Error')?.migrationName ?? 'the first step';
  throw new PrimacyError('command-failed', `cannot migrate the store, ${step}: ${errorText(error)}`, {
    cause: error,
  });
}

async function createTables(database: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table notification (
      id integer primary key autoincrement, received_at integer not null, group_key text not null,
      truncated_alerts integer not null, body text not null)`,
    sql`create table alert (
      notification_id integer not null references notification (id), fingerprint text not null, starts_at text not null,
      status text not null check (status in ('firing', 'resolved')), name text not null, cluster text, node text,
      cluster_known integer not null check (cluster_known in (0, 1)), received_at integer not null,
      primary key (fingerprint, starts_at, status))`,
    sql`create index alert_by_cluster on alert (cluster, status)`,
    sql`create table remediation (
      id text primary key, cluster text not null, node text not null, playbook text not null,
      fence_number integer not null, plan text not null, plan_digest text not null,
      state text not null check (state in ('running', 'waiting-for-approval', 'done', 'failed', 'stuck', 'superseded')),
      why text, started_at integer not null, ended_at integer, unique (cluster, fence_number))`,
    // One remediation per cluster at a time, whatever the program above does wrong.
    sql`create unique index remediation_running on remediation (cluster) where state = 'running'`,
    sql`create table journal (
      id integer primary key autoincrement, at integer not null, cluster text,
      remediation text references remediation (id), node text, event text not null, step text, detail text not null)`,
    sql`create index journal_by_cluster on journal (cluster, id)`,
    sql`create index journal_by_remediation on journal (remediation, id)`,
    sql`create trigger journal_no_update before update on journal begin select raise(abort, 'the journal only grows'); end`,
    sql`create trigger journal_no_delete before delete on journal begin select raise(abort, 'the journal only grows'); end`,
    sql`create table fence_number (cluster text primary key, number integer not null)`,
  ];
  for (const statement of statements) await statement.execute(database);
}
