/** What `salvage list`, `show` and `rows` print. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { SalvagedRow } from '../../core/salvage/salvaged-row.ts';
import { verifyBundle } from '../../node/salvage/verify-bundle.ts';
import { printLines } from '../ask/print.ts';
import { findBundle, findBundles, type FoundBundle, type PlaceFlags } from './places.ts';

const withLsn = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? formatLsn(value as Lsn) : value;

/** `list`: one line, or one object, a bundle. */
export async function list(flags: PlaceFlags): Promise<void> {
  const bundles = await findBundles(flags);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(bundles.map((it) => summary(it)))}\n`);
    return;
  }
  printLines(bundles.length === 0 ? ['No bundles.'] : bundles.map((it) => sentence(it)));
}

function summary(bundle: FoundBundle): object {
  const { manifest } = bundle;
  return {
    name: bundle.name,
    host: bundle.host,
    path: bundle.directory,
    bytes: bundle.bytes,
    complete: manifest !== null,
    createdAt: manifest === null ? null : new Date(manifest.createdAt).toISOString(),
    node: manifest?.account.node ?? null,
    survivor: manifest?.account.survivor ?? null,
    transactions: manifest?.account.transactions ?? null,
    clientTransactions: manifest?.account.clientTransactions ?? null,
    replayed: bundle.replayed,
    acknowledged: bundle.acknowledged,
  };
}

function sentence(bundle: FoundBundle): string {
  const name = bundle.host === null ? bundle.name : `${bundle.host}:${bundle.name}`;
  const { manifest } = bundle;
  if (manifest === null) return `${name}: not finished, ${bundle.bytes} bytes`;
  const { account, createdAt } = manifest;
  return `${name}: ${account.clientTransactions} client transactions that ${account.node} had and ${account.survivor} has not, ${new Date(createdAt).toISOString()}, ${bundle.bytes} bytes, ${stateOf(account, bundle)}`;
}

function stateOf(
  { clientTransactions }: Pick<DivergenceAccount, 'clientTransactions'>,
  { replayed, acknowledged }: FoundBundle,
): string {
  if (clientTransactions === 0) return 'nothing to put back';
  if (replayed !== null) return `put back ${replayed.at} into ${replayed.into} by ${replayed.by}`;
  if (acknowledged !== null) return `acknowledged by ${acknowledged.by}: ${acknowledged.why}`;
  return 'not put back yet';
}

/** `show`: the account as a page, or the manifest. */
export async function show(wanted: string, flags: PlaceFlags): Promise<void> {
  const bundle = await findBundle(wanted, flags);
  const manifest = await verifyBundle(bundle);
  if (flags.json === true) {
    const { name, directory: path, replayed, acknowledged } = bundle;
    const document = { name, path, ...manifest, replayed, acknowledged };
    process.stdout.write(`${JSON.stringify(document, withLsn)}\n`);
    return;
  }
  if (manifest.content === null)
    printLines([sentence(bundle), 'It holds WAL and no rows: no client had changed anything.']);
  else process.stdout.write(await readFile(join(bundle.directory, 'account.md'), 'utf8'));
}

export interface RowFlags extends PlaceFlags {
  readonly database?: string;
  readonly table?: string;
}

/** `rows`: one line a row, or one array; read from the disk as it is printed. */
export async function rows(wanted: string, flags: RowFlags): Promise<void> {
  const bundle = await findBundle(wanted, flags);
  const { content } = await verifyBundle(bundle);
  const selected = content === null ? none() : selectedRows(join(bundle.directory, 'rows.jsonl'), flags);
  const text = flags.json === true ? asArray(selected) : asLines(selected);
  await pipeline(Readable.from(text), process.stdout, { end: false });
}

async function* none(): AsyncGenerator<SalvagedRow> {
  // A bundle without a client's transaction has no rows.
}

async function* selectedRows(path: string, { database, table }: RowFlags): AsyncGenerator<SalvagedRow> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const row = JSON.parse(line) as SalvagedRow;
    if (database !== undefined && row.database !== database) continue;
    if (table === undefined || row.relation === table) yield row;
  }
}

async function* asArray(selected: AsyncIterable<SalvagedRow>): AsyncGenerator<string> {
  let before = '[';
  for await (const row of selected) {
    yield `${before}${JSON.stringify(row)}`;
    before = ',\n';
  }
  yield before === '[' ? '[]\n' : ']\n';
}

/** Long values are shortened: `--json` has them whole. */
async function* asLines(selected: AsyncIterable<SalvagedRow>): AsyncGenerator<string> {
  const short = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > 100 ? `${value.slice(0, 100)}…` : value;
  for await (const row of selected) {
    const { block, offset } = row.place ?? { block: 0, offset: 0 };
    const lost = row.missing === undefined ? '' : ` block ${block}, offset ${offset}: ${row.missing}`;
    const values = [row.before, row.after].flatMap((it) => (it === null ? [] : [JSON.stringify(it, short)]));
    yield `${row.database} ${row.relation} ${row.action}${lost} ${values.join(' -> ')}\n`;
  }
}
