/** A salvage bundle's account as a page for people, in Markdown: what was lost from the database, what is kept, what is not. */
import type { AccountContent, RelationChanges } from '../model/account-content.ts';
import type { DivergenceAccount } from '../model/account.ts';
import { formatLsn } from '../model/lsn.ts';
import { qualifiedName } from './salvaged-row.ts';

/** The whole page. */
export function accountPage(account: DivergenceAccount, content: AccountContent, name: string): string {
  const { node, survivor, clientTransactions, transactions } = account;
  return [
    `# What ${node} had committed and ${survivor} does not have`,
    '',
    `- ${clientTransactions} transactions of clients, of ${transactions} in all`,
    `- committed between ${content.firstCommit ?? '?'} and ${content.lastCommit ?? '?'}, by the clock of ${node}`,
    `- WAL from ${formatLsn(account.forkLsn)} (the fork) to ${formatLsn(account.endLsn)}, ${account.bytes} bytes; timeline ${account.loserTimeline} of ${node}, ${account.survivorTimeline} of ${survivor}`,
    `- kept on ${node} in ${account.bundle}`,
    '',
    `See the rows: \`primacy salvage rows ${name}\`. Put them into the primary: \`primacy salvage replay ${name} --dry-run\`, then without \`--dry-run\`.`,
    '',
    ...section('Tables', [
      '| table | inserts | updates | deletes | rows kept |',
      '| ----- | ------- | ------- | ------- | --------- |',
      ...content.relations.map((it) => tableLine(it)),
    ]),
    ...section(
      'Definitions',
      content.definitions.map((it) => `- ${it.database}: ${it.type} ${escaped(it.identity)} ${it.change}`),
    ),
    ...section(
      'Sequences',
      content.sequences.map(
        (it) => `- ${it.database}: ${escaped(qualifiedName(it.schema, it.name))}, up to ${it.lastValue}`,
      ),
    ),
    ...section(
      'Prepared and never ended',
      content.prepared.map((it) => `- ${escaped(JSON.stringify(it.gid))}, transaction ${it.xid}, ${it.at}`),
    ),
    '## Not in the rows',
    '',
    ...(content.notRecovered.length === 0
      ? ['Nothing is missing.']
      : content.notRecovered.map((it) => `- ${escaped(it)}`)),
    ...(content.insertedAndDeleted === 0
      ? []
      : ['', `${content.insertedAndDeleted} rows were inserted and deleted again: nothing of them is left.`]),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  const isEmpty = lines.length === 0 || (lines.length === 2 && lines[0]?.startsWith('|') === true);
  return isEmpty ? [] : [`## ${title}`, '', ...lines, ''];
}

function tableLine(it: RelationChanges): string {
  const part = it.partitionOf === null ? '' : ` (partition of ${it.partitionOf})`;
  const { insert, update, delete: removed } = it.rows;
  const name = escaped(`${it.database}: ${qualifiedName(it.schema, it.name)}${part}`);
  return `| ${name} | ${it.inserts} | ${it.updates} | ${it.deletes} | ${insert} inserted, ${update} updated, ${removed} deleted |`;
}

/** Names are data: nothing in them may become markup. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|]/g, String.raw`\$&`).replaceAll(/[\r\n]+/g, ' ');
}
