/** Runs programs inside a lab host: the same Runner as for this machine, with `nsenter` in front. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { runLocally } from '../../world/remote/local-runner.ts';
import { describeResult, type Command, type CommandResult, type Runner } from '../../world/remote/runner.ts';
import { serviceEnvironment } from './clock.ts';
import { hostInit } from './processes.ts';

/**
 * Arguments for `nsenter` that lead into every namespace of the host, and to its root even when the machine itself is a chroot.
 * The working directory is named too: nsenter would else keep one that lies outside that root, and `getcwd` would fail.
 */
export function enterArguments(init: number): readonly string[] {
  return [
    '--target',
    String(init),
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    `--root=/proc/${init}/root`,
    `--wd=/proc/${init}/root`,
    '--',
  ];
}

/** Process 1 of a host. Throws `unreachable` where the host is powered off. */
export async function poweredInit(lab: string, host: string): Promise<number> {
  const init = await hostInit(lab, host);
  if (init === null) throw new PrimacyError('unreachable', `cannot enter ${host}: it is powered off`);
  return init;
}

/** A runner for one host. The working directory is `/`: what the caller's may be called inside is not known. */
export function runnerInside(init: number): Runner {
  return {
    run: (command) => {
      const { user, workingDirectory, ...rest } = command;
      const asUser = user === undefined ? [] : ['runuser', '-u', user, '--'];
      const inDirectory = workingDirectory === undefined ? [] : ['env', '-C', workingDirectory];
      return runLocally({
        ...rest,
        program: 'nsenter',
        arguments: [
          ...enterArguments(init),
          ...inDirectory,
          ...asUser,
          command.program,
          ...command.arguments,
        ],
      });
    },
  };
}

/** Runs a command inside a host and returns its standard output. Throws `command-failed` unless it ended with exit code 0. */
export async function runInside(init: number, command: Command): Promise<string> {
  return outputOf(command, await runnerInside(init).run(command));
}

/** Standard output of a command that has to succeed. Throws `command-failed` with the command's own words. */
export function outputOf(command: Command, result: CommandResult): string {
  if (result.kind === 'done') return result.stdout;
  throw new PrimacyError('command-failed', `cannot run ${describeResult(command, result)}`);
}

export interface Daemon {
  /** Its output goes to /var/log/NAME.log of the host. */
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
}

/** A runner for one host's services: with the environment that its init gives them. */
export async function serviceRunner(init: number): Promise<Runner> {
  const environment = await serviceEnvironment(init);
  const runner = runnerInside(init);
  if (environment.length === 0) return runner;
  return {
    run: (command) =>
      runner.run({
        ...command,
        program: 'env',
        arguments: [...environment, command.program, ...command.arguments],
      }),
  };
}

/** Starts a program that stays, as a child of the host's process 1 in a session of its own, the way an init would. */
export async function startDaemon(init: number, daemon: Daemon): Promise<void> {
  await runInside(init, {
    program: 'setsid',
    arguments: [
      '--fork',
      'sh',
      '-c',
      'exec "$@" >>"$0" 2>&1 </dev/null',
      `/var/log/${daemon.name}.log`,
      'env',
      ...(await serviceEnvironment(init)),
      daemon.program,
      ...daemon.arguments,
    ],
    timeoutMs: 5_000,
  });
}
