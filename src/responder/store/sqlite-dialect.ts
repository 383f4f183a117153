/** Lets Kysely use node:sqlite, and sets the file up so that a commit has reached the disk when it returns. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteDialect, type SqliteDatabase } from 'kysely';

/** A dialect over one file. Throws where the file cannot be opened. */
export function sqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path);
  // FULL: every commit ends with an fsync of the write-ahead log; NORMAL would lose acknowledged commits with the power.
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
  return new SqliteDialect({ database: adapt(database) });
}

function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as readonly SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as readonly SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as readonly SQLInputValue[])),
      };
    },
  };
}
