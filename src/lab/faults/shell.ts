/** Runs a few lines of shell, or SQL as the superuser, inside the host that a fault is about. */
import { poweredInit, runInside } from '../hosts/enter.ts';
import { onlyCluster } from '../up/services.ts';
import type { FaultTarget } from './fault.ts';

const LIMIT_MS = 20_000;

/** As root; the values are `$1` and so on. Throws `command-failed`. */
export async function shell(target: FaultTarget, script: string, values: readonly string[]): Promise<void> {
  await runInside(await poweredInit(target.state.name, target.host.name), {
    program: 'sh',
    arguments: ['-c', script, 'lab-fault', ...values],
    timeoutMs: LIMIT_MS,
  });
}

/** One statement after the other on the default socket; the output is unaligned and without headings. Throws `command-failed`. */
export async function sql(target: FaultTarget, database: string, text: string): Promise<string> {
  return runInside(await poweredInit(target.state.name, target.host.name), {
    program: 'psql',
    arguments: ['-XAtq', '--set=ON_ERROR_STOP=1', `--dbname=${database}`],
    input: text,
    user: 'postgres',
    timeoutMs: LIMIT_MS,
  });
}

export function dataDirectory(target: FaultTarget): string {
  return onlyCluster(target.config).postgres.dataDirectory;
}
