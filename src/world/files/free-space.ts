/** Free bytes of a file system, asked of `df`: a hung disk costs that child process, not us. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';

const LIMIT_MS = 2_000;

/** What an ordinary process may still write on the file system that holds `path`. */
export async function freeBytesAt(runner: Runner, path: string): Promise<Known<number>> {
  const command: Command = {
    program: 'df',
    arguments: ['--block-size=1', '--output=avail', '--', path],
    timeoutMs: LIMIT_MS,
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    return unknown(`cannot see how much is free: ${describeResult(command, result)}`);
  const bytes = Number(result.stdout.trim().split('\n').at(-1));
  return Number.isFinite(bytes) ? known(bytes) : unknown(`cannot read what df says: ${result.stdout.trim()}`);
}
