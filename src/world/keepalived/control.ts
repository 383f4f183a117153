/** Tests a configuration before the running keepalived is given it: a reload with an error ends keepalived and leaves the VIP. */
import { statSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { keepalivedParent } from './process.ts';

const TEST_LIMIT_MS = 10_000;
const SIGNAL_LIMIT_MS = 3_000;

/**
 * Throws `refused` with keepalived's own words. keepalived itself takes a missing file, and an executable one, for a good one. A copy
 * is tested whose scripts are root's: with a script of another user the test of keepalived 2.2.7 ends itself before it has looked.
 */
export async function testConfiguration(runner: Runner, file: string): Promise<void> {
  const stats = statSync(file);
  if (!stats.isFile() || (stats.mode & 0o111) !== 0)
    throw new PrimacyError(
      'refused',
      `cannot use ${file}: keepalived skips what is not a plain, non-executable file`,
    );
  const copy = `${file}.test`;
  const command: Command = {
    program: 'keepalived',
    arguments: ['--config-test', `--use-file=${copy}`],
    timeoutMs: TEST_LIMIT_MS,
  };
  try {
    await writeFile(copy, asRoot(await readFile(file, 'utf8')), { mode: 0o600 });
    const result = await runner.run(command);
    if (result.kind !== 'done')
      throw new PrimacyError('refused', `cannot use ${file}: ${describeResult(command, result)}`);
  } finally {
    await rm(copy, { force: true });
  }
}

function asRoot(text: string): string {
  return text.replaceAll(/^([ \t]*(?:script_user|user)[ \t]).*$/gm, '$1root');
}

/** Tells the running keepalived to read its configuration again. Throws `refused` where none runs. */
export async function reloadKeepalived(runner: Runner): Promise<void> {
  const parent = keepalivedParent();
  if (parent === null) throw new PrimacyError('refused', 'cannot reload keepalived: it does not run');
  const command: Command = {
    program: 'kill',
    arguments: ['-s', 'HUP', String(parent.pid)],
    timeoutMs: SIGNAL_LIMIT_MS,
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError('command-failed', `cannot reload keepalived: ${describeResult(command, result)}`);
}
