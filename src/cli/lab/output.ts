/** What every lab command has in common: the lab's name, one JSON document or plain lines on standard output, progress on standard error. */
import type { Command } from 'commander';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Progress } from '../../lab/up/building.ts';

export const DEFAULT_LAB = 'lab';

/** Adds `--name`. */
export function withName(command: Command): Command {
  return command.option('--name <name>', 'name of the lab', DEFAULT_LAB);
}

/** Writes one JSON document. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes one line for people. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Lines with the seconds since now, on standard error. */
export function progressFromNow(): Progress {
  const began = performance.now();
  return (line) => {
    const seconds = ((performance.now() - began) / 1_000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
}

/** The lab needs namespaces and raw sockets. Throws `missing-prerequisite` without root on Linux. */
export function requireRoot(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new PrimacyError('missing-prerequisite', 'cannot use the lab: it needs root on Linux');
  }
}
