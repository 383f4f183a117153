/** The runner for this host: child processes with a limit, killed as a group when it passes. */
import { spawn, type StdioOptions } from 'node:child_process';
import type { Command, CommandResult, Runner } from './runner.ts';

/** More output than this is cut off, and the command killed: nothing we run prints more. */
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
const ENVIRONMENT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Starts the program in a process group of its own and waits for it, for at most `timeoutMs`. Never rejects. */
export function runLocally(command: Command): Promise<CommandResult> {
  const [program, parameters] =
    command.user === undefined
      ? [command.program, [...command.arguments]]
      : ['runuser', ['-u', command.user, '--', command.program, ...command.arguments]];
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...(command.inheritedDescriptors ?? [])];
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      stdio,
      detached: true,
      cwd: command.workingDirectory ?? '/',
      env: { PATH: ENVIRONMENT_PATH, LC_ALL: 'C.UTF-8', ...command.environment },
    });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let bytes = 0;
    let ended: string | null = null;
    const killGroup = (reason: string): void => {
      ended ??= reason;
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    };
    const timer = setTimeout(
      () => killGroup(`no end within ${command.timeoutMs} ms, killed`),
      command.timeoutMs,
    );
    const text = (which: 'stdout' | 'stderr'): string => Buffer.concat(chunks[which]).toString('utf8');
    const collect = (which: 'stdout' | 'stderr') => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_LIMIT_BYTES) killGroup(`more than ${OUTPUT_LIMIT_BYTES} bytes of output, killed`);
      else chunks[which].push(chunk);
    };
    child.stdout?.on('data', collect('stdout'));
    child.stderr?.on('data', collect('stderr'));
    // A program that ends without reading its input breaks the pipe; its exit code tells what matters.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input ?? '');
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const exitCode = error.code === 'ENOENT' ? 127 : 126;
      resolve({ kind: 'failed', exitCode, stdout: '', stderr: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const output = { stdout: text('stdout'), stderr: text('stderr') };
      if (ended !== null) resolve({ kind: 'unknown', reason: ended, ...output });
      else if (code === null)
        resolve({ kind: 'unknown', reason: `ended by ${signal ?? 'a signal'}`, ...output });
      else if (code === 0) resolve({ kind: 'done', ...output });
      else resolve({ kind: 'failed', exitCode: code, ...output });
    });
  });
}

export const localRunner: Runner = { run: runLocally };
