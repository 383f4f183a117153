/** Names the databases that were created or dropped after the fork: the discarded side knows the first, the survivor the others. */
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { DefinitionChange } from '../../../core/model/account-content.ts';
import { errorText } from '../../../core/model/primacy-error.ts';
import { databasesDocument, type CatalogDatabase } from '../../../world/postgres/catalog-query.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import { rowsOf } from '../../../world/postgres/survivor.ts';

export interface NamedDatabases {
  readonly definitions: readonly DefinitionChange[];
  readonly notRecovered: readonly string[];
}

/** A database that was created and dropped again is nowhere any more, and is left out; of one without a name its number is told. */
export async function nameDatabases(
  known: readonly CatalogDatabase[],
  survivor: (database: string) => PostgresSession,
  count: Pick<TransactionCount, 'createdDatabases' | 'droppedDatabases'>,
  limitMs: number,
): Promise<NamedDatabases> {
  const definitions: DefinitionChange[] = [];
  const notRecovered: string[] = [];
  const add = (change: DefinitionChange['change'], name: string): void => {
    definitions.push({ database: name, change, type: 'database', identity: name });
  };
  for (const oid of count.createdDatabases) {
    const database = known.find((it) => it.oid === oid);
    if (database === undefined) continue;
    add('created', database.name);
    notRecovered.push(
      `what database ${database.name}, which was created, got from its template: only what was changed in it after that is in the rows`,
    );
  }
  const dropped = [...count.droppedDatabases].filter((oid) => !count.createdDatabases.has(oid));
  if (dropped.length === 0) return { definitions, notRecovered };
  const theirs = await askSurvivor(survivor('postgres'), limitMs);
  for (const oid of dropped) {
    const name = typeof theirs === 'string' ? undefined : theirs.find((it) => it.oid === oid)?.name;
    add('dropped', name ?? `number ${oid}`);
    const where =
      typeof theirs === 'string'
        ? `the survivor could not be asked (${theirs})`
        : 'only the survivor may have it';
    notRecovered.push(`database ${name ?? `number ${oid}`}, which was dropped: ${where}`);
  }
  return { definitions, notRecovered };
}

async function askSurvivor(
  session: PostgresSession,
  limitMs: number,
): Promise<readonly CatalogDatabase[] | string> {
  try {
    const statement = { name: 'primacy-databases', text: databasesDocument };
    const rows = await rowsOf<{ readonly document: CatalogDatabase }>(session, statement, limitMs);
    return rows.map((row) => row.document);
  } catch (error) {
    return errorText(error);
  }
}
