/** The result of a fork under load as a page: counts for each table, sums, sizes, and every fault. */
import type { ForkResult } from './fork-under-load.ts';
import type { RowTally } from './judge-relation.ts';

const COLUMNS: readonly (readonly [keyof RowTally, string])[] = [
  ['come', 'new or other'],
  ['gone', 'gone or other'],
  ['inserted', 'inserts'],
  ['updated', 'updates'],
  ['updatedNamed', 'updates, old named'],
  ['deleted', 'deletes'],
  ['deletedNamed', 'deletes, named'],
  ['withTable', 'gone with table'],
  ['elsewhere', 'moved on survivor'],
  ['needless', 'no old version'],
  ['unnamed', 'unnamed'],
];

export function forkTable(result: ForkResult): string {
  const { judgement, account, content } = result;
  const rows = judgement.relations
    .filter(({ tally }) => COLUMNS.some(([name]) => tally[name] > 0))
    .map(({ database, relation, tally }) => line(`${database}: ${relation}`, tally));
  const sum = (name: keyof RowTally): number =>
    judgement.relations.reduce((total, { tally }) => total + tally[name], 0);
  const total = Object.fromEntries(COLUMNS.map(([name]) => [name, sum(name)])) as unknown as RowTally;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `| table | ${COLUMNS.map(([, title]) => title).join(' | ')} |`,
    `|---|${COLUMNS.map(() => '---:').join('|')}|`,
    ...rows,
    line('all', total),
    '',
    `transactions lost: ${account.transactions}, clients': ${account.clientTransactions}; rounds of DDL: ${result.rounds}, statements that failed: ${result.failed.length}`,
    `definitions that differ: ${judgement.definitions}; sequences that moved: ${judgement.sequences}; inserted and deleted again: ${content.insertedAndDeleted}`,
    `WAL since the fork: ${megabytes(result.walBytes)}; bundle: ${megabytes(result.bundleBytes)}, of it WAL ${megabytes(result.bundleWalBytes)}`,
    `untouched table: ${megabytes(result.untouchedBytes)}, of it read: ${megabytes(result.untouchedReadBytes)}`,
    `account and bundle: ${result.accountSeconds.toFixed(1)} s`,
    '',
    ...result.failed.slice(0, 5).map((text) => `DDL that failed: ${text}`),
    ...judgement.faults,
    `${judgement.faults.length} faults`,
    '',
  ].join('\n');
}

function line(name: string, tally: RowTally): string {
  return `| ${name} | ${COLUMNS.map(([column]) => tally[column]).join(' | ')} |`;
}
