/** The runner for this host: child processes with a limit, killed as a group when it passes. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { keepOutput } from './kept-output.ts';
import type { Command, CommandResult, Runner } from './runner.ts';

/** More output than this is cut off, and the command killed: nothing we run prints more. */
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
/** What was killed may hang in the kernel, and what left its process group may hold the pipes: then it is waited for no longer. */
const END_LIMIT_MS = 1_000;
const ENVIRONMENT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Starts the program in a process group of its own and waits for it, for at most `timeoutMs` and a second. Rejects only where the kernel
 * refuses what it is given, such as arguments beyond its limits.
 */
export function runLocally(command: Command): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = begin(command);
    const stdout = keepOutput(command.outputTailBytes);
    const stderr = keepOutput(command.outputTailBytes);
    let bytes = 0;
    let ended: { readonly reason: string; readonly timedOut?: true } | null = null;
    let giveUp: NodeJS.Timeout | undefined;
    const settle = (result: CommandResult): void => {
      clearTimeout(timer);
      clearTimeout(giveUp);
      command.signal?.removeEventListener('abort', abort);
      resolve(result);
    };
    const output = (): Pick<CommandResult, 'stdout' | 'stderr'> => ({
      stdout: stdout.text(),
      stderr: stderr.text(),
    });
    const end = (why: NonNullable<typeof ended>): void => {
      const said = (ended ??= why);
      giveUp ??= setTimeout(() => {
        letGo(child);
        settle({ kind: 'unknown', ...said, ...output() });
      }, END_LIMIT_MS);
      killGroup(child);
    };
    const abort = (): void => end({ reason: 'not wanted any more, killed' });
    const timer = setTimeout(
      () => end({ reason: `no end within ${command.timeoutMs} ms, killed`, timedOut: true }),
      command.timeoutMs,
    );
    const collect = (kept: typeof stdout) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_LIMIT_BYTES)
        end({ reason: `more than ${OUTPUT_LIMIT_BYTES} bytes of output, killed` });
      else kept.take(chunk);
    };
    command.signal?.addEventListener('abort', abort);
    child.stdout?.on('data', collect(stdout));
    child.stderr?.on('data', collect(stderr));
    // A program that ends without reading its input breaks the pipe; its exit code tells what matters.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input ?? '');
    child.on('error', (error: NodeJS.ErrnoException) => {
      const exitCode = error.code === 'ENOENT' ? 127 : 126;
      settle({ kind: 'failed', exitCode, stdout: '', stderr: error.message });
    });
    child.on('close', (code, signal) => {
      if (ended !== null) settle({ kind: 'unknown', ...ended, ...output() });
      else settle({ ...howItEnded(code, signal), ...output() });
    });
  });
}

function begin(command: Command): ChildProcess {
  const [program, parameters] =
    command.user === undefined
      ? [command.program, [...command.arguments]]
      : ['runuser', ['-u', command.user, '--', command.program, ...command.arguments]];
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...(command.inheritedDescriptors ?? [])];
  return spawn(program, parameters, {
    stdio,
    detached: true,
    cwd: command.workingDirectory ?? '/',
    env: { PATH: ENVIRONMENT_PATH, LC_ALL: 'C.UTF-8', ...command.environment },
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Nothing of it keeps this process alive. */
function letGo(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  child.unref();
}

type End =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly exitCode: number }
  | { readonly kind: 'unknown'; readonly reason: string };

function howItEnded(code: number | null, signal: NodeJS.Signals | null): End {
  if (code === 0) return { kind: 'done' };
  if (code === null) return { kind: 'unknown', reason: `ended by ${signal ?? 'a signal'}` };
  return { kind: 'failed', exitCode: code };
}

export const localRunner: Runner = { run: runLocally };
