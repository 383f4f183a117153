/** Runs one program with arguments as data, a time limit and an output limit; failure and success share one shape. */

export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Run as this operating-system user, by `runuser`. */
  readonly user?: string;
  readonly workingDirectory?: string;
  /** File descriptors of ours that the child keeps open, such as a lock. */
  readonly inheritedDescriptors?: readonly number[];
  /** Keep only so much of the end of each output. */
  readonly outputTailBytes?: number;
  /** Killed as a group when it is aborted. */
  readonly signal?: AbortSignal;
}

/** `unknown`: we cannot tell whether or how it ended (killed by the time limit, connection lost). Look before doing it again. */
export type CommandResult =
  | { readonly kind: 'done'; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** Its time limit killed it. */
      readonly timedOut?: true;
      readonly stdout: string;
      readonly stderr: string;
    };

export interface Runner {
  readonly run: (command: Command) => Promise<CommandResult>;
}

/** One sentence about what a command did, for journals and errors. */
export function describeResult(command: Command, result: CommandResult): string {
  const line = [command.program, ...command.arguments].join(' ');
  switch (result.kind) {
    case 'done':
      return `${line}: done`;
    case 'failed':
      return `${line}: exit ${result.exitCode}: ${(result.stderr || result.stdout).trim().slice(-500)}`;
    case 'unknown':
      return `${line}: ${result.reason}`;
  }
}
