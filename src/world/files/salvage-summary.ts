/** What lies in the salvage folder, as numbers for metrics: read without the schema library, which the agent does not carry. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { readOptional } from './read-optional.ts';

export interface SalvagedIncident {
  /** Name of the bundle's folder. */
  readonly incident: string;
  readonly clientTransactions: number;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** It holds client transactions that nobody has replayed or waved through. */
  readonly waiting: boolean;
}

/** Either of these in a bundle says that a person is done with it. */
const SETTLED_MARKS = ['replayed.json', 'acknowledged.json'];

/** Every finished bundle, oldest first; a folder without its account was never finished and does not count. */
export async function summarizeSalvage(directory: string): Promise<Known<readonly SalvagedIncident[]>> {
  try {
    const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const incidents = await Promise.all(names.map((name) => readIncident(join(directory, name), name)));
    return known(incidents.filter((it) => it !== null).toSorted((a, b) => a.createdAt - b.createdAt));
  } catch (error) {
    return unknown(`cannot read ${directory}: ${errorText(error)}`);
  }
}

async function readIncident(directory: string, incident: string): Promise<SalvagedIncident | null> {
  const text = await readOptional(join(directory, 'account.json'));
  if (text === null) return null;
  const { account, createdAt } = JSON.parse(text) as {
    readonly account?: { readonly clientTransactions?: unknown; readonly bytes?: unknown };
    readonly createdAt?: unknown;
  };
  const clientTransactions = Number(account?.clientTransactions);
  const bytes = Number(account?.bytes);
  if (!Number.isFinite(clientTransactions) || !Number.isFinite(bytes) || typeof createdAt !== 'number')
    throw new Error(`expected account and createdAt in ${directory}/account.json`);
  const marks = await Promise.all(SETTLED_MARKS.map((name) => readOptional(join(directory, name))));
  const settled = marks.some((mark) => mark !== null);
  return { incident, clientTransactions, bytes, createdAt, waiting: clientTransactions > 0 && !settled };
}
