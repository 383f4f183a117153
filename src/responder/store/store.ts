/** Opens the store: one file, one connection, the newest schema. */
import { Kysely } from 'kysely';
import { PrimacyError, errorText } from '../../core/model/primacy-error.ts';
import { migrate } from './migrations.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import type { Tables } from './tables.ts';

/** The open store, or a transaction on it. */
export type Store = Kysely<Tables>;

/** Opens and migrates. Throws `missing-prerequisite` where the file cannot be used. */
export async function openStore(path: string): Promise<Store> {
  let store: Store;
  try {
    store = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  } catch (error) {
    throw new PrimacyError('missing-prerequisite', `cannot open the store ${path}: ${errorText(error)}`, {
      cause: error,
    });
  }
  await migrate(store);
  return store;
}
