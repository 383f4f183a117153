/** Runs one user's command within its limit, and tells how it ended. */
import type { HookResult } from '../../core/model/hook.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import type { Runner } from '../../world/remote/runner.ts';
import { documentOf, environmentOf, type HookData } from './hook-data.ts';

/** Of each output; the rest of what it printed is gone. */
const TAIL_BYTES = 2_000;

export interface HookCommand {
  /** Program and arguments. */
  readonly line: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** Aborted when the agent ends: the command is killed then. */
  readonly signal: AbortSignal;
}

export interface HookEnd {
  readonly result: Exclude<HookResult, 'dropped'>;
  /** Null where it did not end by itself. */
  readonly exitCode: number | null;
  /** Why it has no exit code; else null. */
  readonly reason: string | null;
  readonly seconds: number;
  /** The end of what it printed. */
  readonly stdout: string;
  readonly stderr: string;
}

/** No later than the limit and a moment; never rejects. It inherits no descriptor but its three pipes, so it can hold no lock of ours. */
export async function runHook(runner: Runner, command: HookCommand, data: HookData): Promise<HookEnd> {
  const began = performance.now();
  const end = (it: Omit<HookEnd, 'seconds'>): HookEnd => ({
    ...it,
    seconds: Math.round(performance.now() - began) / 1000,
  });
  const [program, ...parameters] = command.line;
  try {
    const ended = await runner.run({
      program,
      arguments: parameters,
      timeoutMs: command.timeoutMs,
      signal: command.signal,
      environment: environmentOf(data),
      input: documentOf(data),
      outputTailBytes: TAIL_BYTES,
    });
    const { stdout, stderr } = ended;
    if (ended.kind === 'unknown') {
      const result = ended.timedOut === true ? 'timed_out' : 'failed';
      return end({ result, exitCode: null, reason: ended.reason, stdout, stderr });
    }
    const exitCode = ended.kind === 'done' ? 0 : ended.exitCode;
    return end({ result: ended.kind, exitCode, reason: null, stdout, stderr });
  } catch (error) {
    // The kernel refuses, for instance, arguments that are too long.
    return end({ result: 'failed', exitCode: null, reason: errorText(error), stdout: '', stderr: '' });
  }
}
