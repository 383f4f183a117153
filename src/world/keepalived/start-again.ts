/** Remembers how keepalived was started before it is stopped, and starts it the same way afterwards. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readFile, readlink } from 'node:fs/promises';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, type Clock } from '../clock.ts';
import { removeDurably, writeAtomically } from '../files/atomic-write.ts';
import { readOptional } from '../files/read-optional.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { keepalivedParent } from './process.ts';

const POLL_MILLIS = 20;

interface KeepalivedStart {
  /** `systemd` where the unit manages it: it must not be started beside its manager. */
  readonly manager: 'systemd' | 'none';
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
  /** Where its standard output went, where that was a file. */
  readonly output: string | null;
}

/** Writes down how the running keepalived was started; does nothing where none runs, so that an earlier record stands. */
export async function recordKeepalivedStart(path: string): Promise<void> {
  const parent = keepalivedParent();
  if (parent === null) return;
  const proc = `/proc/${parent.pid}`;
  const commandLine = await readFile(`${proc}/cmdline`, 'utf8');
  const control = await readFile(`${proc}/cgroup`, 'utf8');
  const managed = existsSync('/run/systemd/system') && control.includes('keepalived.service');
  const output = await readlink(`${proc}/fd/1`);
  const record: KeepalivedStart = {
    manager: managed ? 'systemd' : 'none',
    arguments: commandLine.split('\0').slice(0, -1),
    workingDirectory: await readlink(`${proc}/cwd`),
    output: /^\/(?!dev\/)/.test(output) ? output : null,
  };
  await writeAtomically(path, `${JSON.stringify(record)}\n`);
}

/**
 * Starts keepalived again where a record says that a procedure stopped it, and forgets the record. It starts in FAULT because the
 * gate is closed. Throws `postcondition-missing` where it is not running within the limit.
 */
export async function startKeepalivedAgain(
  path: string,
  runner: Runner,
  clock: Clock,
  limitSeconds: number,
): Promise<void> {
  const text = await readOptional(path);
  if (text === null) return;
  if (keepalivedParent() === null) {
    const record = parseStart(text);
    if (record.manager === 'systemd') await startUnit(runner, limitSeconds);
    else await startDetached(record);
    const running = await pollUntil(clock, limitSeconds * 1_000, POLL_MILLIS, () =>
      Promise.resolve(keepalivedParent() ?? undefined),
    );
    if (running === undefined)
      throw new PrimacyError('postcondition-missing', 'cannot start keepalived again: it is not running', {
        retryable: true,
      });
  }
  await removeDurably(path);
}

async function startUnit(runner: Runner, limitSeconds: number): Promise<void> {
  const command: Command = {
    program: 'systemctl',
    arguments: ['start', 'keepalived'],
    timeoutMs: limitSeconds * 1_000,
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError(
      'command-failed',
      `cannot start keepalived again: ${describeResult(command, result)}`,
    );
}

/** A session of its own, so that the end of our SSH channel does not end it. */
async function startDetached(record: KeepalivedStart): Promise<void> {
  const [program, ...parameters] = record.arguments;
  if (program === undefined)
    throw new PrimacyError('command-failed', 'cannot start keepalived again: its command line is empty');
  const output = await open(record.output ?? '/dev/null', 'a');
  try {
    const child = spawn(program, parameters, {
      cwd: record.workingDirectory,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
  } finally {
    await output.close();
  }
}

/** By hand, because the agent must not carry a schema library. Throws `output-invalid`. */
function parseStart(text: string): KeepalivedStart {
  const it = JSON.parse(text) as Partial<Record<keyof KeepalivedStart, unknown>>;
  const { manager, arguments: words, workingDirectory, output } = it;
  if (
    (manager === 'systemd' || manager === 'none') &&
    Array.isArray(words) &&
    words.every((word) => typeof word === 'string') &&
    typeof workingDirectory === 'string' &&
    (output === null || typeof output === 'string')
  )
    return { manager, arguments: words, workingDirectory, output };
  throw new PrimacyError(
    'output-invalid',
    'cannot read how keepalived was started: a field is not as expected',
  );
}
