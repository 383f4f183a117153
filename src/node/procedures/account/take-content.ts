/** Takes names, rows, definitions and sequences out of the discarded data while it stands as an isolated server. */
import { createRowTracker, type RowTracker } from '../../../core/divergence/track-rows.ts';
import type { FileNode } from '../../../core/divergence/wal-record.ts';
import type {
  AccountContent,
  ChangedSequence,
  DefinitionChange,
} from '../../../core/model/account-content.ts';
import type { DivergenceAccount } from '../../../core/model/account.ts';
import type { Lsn } from '../../../core/model/lsn.ts';
import { errorText, PrimacyError } from '../../../core/model/primacy-error.ts';
import { quotedName } from '../../../core/salvage/salvaged-row.ts';
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { FileSum } from '../../../world/files/hashed-file.ts';
import { psqlJson, textSettings } from '../../../world/postgres/psql-lines.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import type { ProcedureContext } from '../context.ts';
import type { RunStep } from '../run-step.ts';
import { sessionTo, type Survivor } from '../survivor-session.ts';
import { changedDefinitions } from './changed-definitions.ts';
import { describeContent } from './describe-content.ts';
import { dumpDefinitions } from './dump-definitions.ts';
import { withIsolatedServer, type IsolatedServer } from '../isolated-server.ts';
import { scanWal, type LoserWal } from './loser-wal.ts';
import { isClientTable, nameChanges, type ChangedDatabase, type Named } from './name-changes.ts';
import { xidRange, type RowSource } from './salvage-rows.ts';
import { writeRows } from './write-rows.ts';

export interface ContentQuestions {
  readonly context: ProcedureContext;
  readonly account: DivergenceAccount;
  readonly survivor: Survivor;
  readonly wal: LoserWal;
  readonly count: TransactionCount;
  readonly from: Lsn;
  readonly ignored: ReadonlySet<FileNode>;
  readonly step: RunStep;
}

export interface TakenContent {
  readonly content: AccountContent;
  readonly sums: Readonly<Record<string, FileSum>>;
}

/** About 100 bytes of memory each. */
const ROWS_MAX = 1_000_000;

/** Everything is written below the account's bundle. Throws `refused` where the isolated server does not come up. */
export async function takeContent(questions: ContentQuestions): Promise<TakenContent> {
  const { context, account, step } = questions;
  const taken = await withIsolatedServer(context, account.loserTimeline, account.endLsn, step, (server) =>
    step(
      'take-rows',
      () => takeFrom(questions, server),
      ({ content }) =>
        `${content.relations.length} tables, ${content.notRecovered.length} things not recovered`,
    ),
  );
  if (taken.kind === 'served') return taken.value;
  throw new PrimacyError('refused', `cannot read the rows of ${context.node.name}: ${taken.why}`);
}

async function takeFrom(questions: ContentQuestions, server: IsolatedServer): Promise<TakenContent> {
  const { context, survivor, count } = questions;
  const limitMs = context.cluster.timings.accountSeconds * 1_000;
  const sessions: PostgresSession[] = [];
  const settings = Object.fromEntries(
    Object.entries(textSettings).filter(([name]) => !name.endsWith('_timeout')),
  );
  const open = (database: string): PostgresSession => {
    const session = sessionTo(context, survivor.endpoint, { database, settings });
    sessions.push(session);
    return session;
  };
  try {
    const named = await nameChanges({ server, survivor: open, count, limitMs });
    return await takeRows(questions, server, named);
  } finally {
    for (const session of sessions) await session.close();
  }
}

async function takeRows(
  questions: ContentQuestions,
  server: IsolatedServer,
  named: Named,
): Promise<TakenContent> {
  const { context, account, count, ignored } = questions;
  const { databases } = named;
  const limitMs = context.cluster.timings.accountSeconds * 1_000;
  const xids = xidRange(count.committed) ?? { first: 0, last: 0 };
  const tracker = await track(questions, databases);
  const others = await takeOthers(questions, server, databases, xids);
  const { sequences, notRecovered } = others;
  const definitions = [...named.definitions, ...others.definitions];
  const name = bundleName(account);
  const { lastXidBefore, committed } = count;
  const sourceOf = (database: ChangedDatabase): RowSource => {
    const target = server.target(database.name);
    const places = { tracker, committed, created: count.createdFiles, xids, lastXidBefore };
    return { bundle: name, database, target, ...places, limitMs };
  };
  const directory = account.bundle;
  const written = await writeRows({
    directory,
    name,
    databases,
    sequences,
    lastXidBefore,
    tracker,
    sourceOf,
  });
  const dumped = await dumpDefinitions(context, server, directory, definitions);
  const content = describeContent({
    count,
    databases,
    ignored,
    tracker,
    rows: written.counts,
    definitions,
    sequences,
    notRecovered: [...named.notRecovered, ...notRecovered, ...written.notRecovered, ...dumped.notRecovered],
  });
  return { content, sums: { ...written.sums, ...dumped.sums } };
}

interface Others {
  readonly definitions: readonly DefinitionChange[];
  readonly sequences: readonly ChangedSequence[];
  readonly notRecovered: readonly string[];
}

/** What was changed and is no row. */
async function takeOthers(
  { context, count, ignored }: ContentQuestions,
  server: IsolatedServer,
  databases: readonly ChangedDatabase[],
  xids: RowSource['xids'],
): Promise<Others> {
  const limitMs = context.cluster.timings.accountSeconds * 1_000;
  const definitions: DefinitionChange[] = [];
  const sequences: ChangedSequence[] = [];
  const notRecovered: string[] = [];
  for (const database of databases) {
    const target = server.target(database.name);
    try {
      if (touchesCatalog(database, count)) {
        const changed = await changedDefinitions({ database, target, count, xids, limitMs });
        definitions.push(...changed.definitions);
        notRecovered.push(...changed.notRecovered);
      }
    } catch (error) {
      notRecovered.push(`changed definitions of database ${database.name}: ${errorText(error)}`);
    }
    for (const { schema, name } of changedSequences(database, count, ignored)) {
      const query = `select to_json(last_value::text) from ${quotedName(schema, name)};`;
      const [lastValue = ''] = await psqlJson<string>(target, query);
      sequences.push({ database: database.name, schema, name, lastValue });
    }
    notRecovered.push(...(await limitsOf(server, database.name)));
  }
  return { definitions, sequences, notRecovered };
}

/** The last part of its path: what people call it. */
export function bundleName({ bundle }: Pick<DivergenceAccount, 'bundle'>): string {
  return bundle.slice(bundle.lastIndexOf('/') + 1);
}

/** The second pass over the WAL, now that names tell which files are clients' tables. */
async function track(
  { context, wal, count, from, ignored }: ContentQuestions,
  databases: readonly ChangedDatabase[],
): Promise<RowTracker> {
  const wanted = new Set<FileNode>();
  for (const { own, theirs } of databases)
    for (const [node, relation] of [...theirs, ...own]) {
      const isOurs = ignored.has(node) && !count.createdFiles.has(node.slice(node.indexOf('/') + 1));
      if (isClientTable(relation) && !isOurs) wanted.add(node);
    }
  const created = count.createdFiles;
  const tracker = createRowTracker({ committed: count.committed, wanted, created, rowsMax: ROWS_MAX });
  await scanWal(context, wal, from, (record) => tracker.add(record));
  return tracker;
}

function touchesCatalog(database: ChangedDatabase, count: TransactionCount): boolean {
  if (count.createdFiles.size > 0 || count.removedFiles.size > 0) return true;
  return [...count.changes.keys()].some(
    (node) => node.split('/')[1] === '0' || database.own.get(node)?.schema === 'pg_catalog',
  );
}

function changedSequences(
  { own }: ChangedDatabase,
  { changes }: TransactionCount,
  ignored: ReadonlySet<FileNode>,
): readonly { readonly schema: string; readonly name: string }[] {
  return [...own].flatMap(([node, it]) =>
    it.kind === 'S' && changes.has(node) && !ignored.has(node) ? [it] : [],
  );
}

/** What the rows of a database cannot hold, whatever was changed. */
async function limitsOf(server: IsolatedServer, database: string): Promise<readonly string[]> {
  const unlogged = await psqlJson<string>(
    server.target(database),
    "select to_json(format('%I.%I', n.nspname, c.relname)) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relpersistence = 'u' and c.relkind in ('r', 'm');",
  );
  const [encoding] = await psqlJson<string>(
    server.target(database),
    "select to_json(current_setting('server_encoding'));",
  );
  return [
    ...unlogged.map((name) => `rows of ${database}: ${name}, an unlogged table: no WAL has them`),
    ...(encoding === 'SQL_ASCII'
      ? [`text outside ASCII in database ${database}, whose encoding is SQL_ASCII: it may not be whole`]
      : []),
  ];
}
