/** The client's rows: each carries its number as text, so that it can be found in a table and in discarded WAL alike. */
import { outputOf, runnerInside } from '../hosts/enter.ts';
import type { Command } from '../../world/remote/runner.ts';

/** What the client writes into the column `label`. */
export function ledgerLabel(id: number): string {
  return `ledger row ${id};`;
}

/** Finds labels in any text. */
export const LEDGER_ROW: RegExp = /ledger row (\d+);/g;

/** Numbers of all rows on a host, read on its own socket. Throws where it does not answer. */
export async function ledgerIds(init: number): Promise<ReadonlySet<number>> {
  const command: Command = {
    program: 'psql',
    arguments: ['-XAtq', '--dbname=app', '--command=select id from ledger'],
    user: 'postgres',
    timeoutMs: 30_000,
  };
  const text = outputOf(command, await runnerInside(init).run(command));
  return new Set(text.split('\n').filter(Boolean).map(Number));
}
