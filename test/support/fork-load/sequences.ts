/** How far each sequence of a server is, and whether an account names those that moved. */
import type { ChangedSequence } from '../../../src/core/model/account-content.ts';
import { psqlJson } from '../../../src/world/postgres/psql-lines.ts';
import type { TestServer } from '../postgres-cluster.ts';
import { targetOf } from './dump-relation.ts';

/** By `schema.name` as JSON; the last number that was given out, or '' where none was. */
export async function sequencesOf(
  server: TestServer,
  database: string,
): Promise<ReadonlyMap<string, string>> {
  const query =
    "select json_build_array(schemaname, sequencename, coalesce(last_value::text, '')) from pg_sequences where schemaname <> 'primacy';";
  const found = await psqlJson<[string, string, string]>(targetOf(server, database), query);
  return new Map(found.map(([schema, name, value]) => [JSON.stringify([schema, name]), value]));
}

/** A sequence that moved must be named with a number that is at least as far. */
export function unnamedSequences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  database: string,
  named: readonly ChangedSequence[],
): { readonly differences: number; readonly unnamed: readonly string[] } {
  const unnamed: string[] = [];
  let differences = 0;
  for (const [key, value] of after) {
    if (value === (before.get(key) ?? '')) continue;
    differences += 1;
    const entry = named.find(
      (it) => it.database === database && JSON.stringify([it.schema, it.name]) === key,
    );
    if (entry === undefined || BigInt(entry.lastValue) < BigInt(value))
      unnamed.push(`sequence ${key} is at ${value}, the account says ${entry?.lastValue ?? 'nothing'}`);
  }
  return { differences, unnamed };
}
