/** A database node for tests of the guards: real PostgreSQL, a network namespace of its own, and Primacy's folders below a temporary one. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathsBelow, type Paths } from '../../src/config/paths.ts';
import { configSchema, type ClusterConfig } from '../../src/config/schema.ts';
import type { GuardContext } from '../../src/node/adopt/guard-context.ts';
import { bootMillis, pollUntil, systemClock } from '../../src/world/clock.ts';
import { localRunner } from '../../src/world/remote/local-runner.ts';
import { startServer, type TestServer } from './postgres-cluster.ts';

export const VIP = '10.99.8.100';
export const VIP_CIDR = '10.99.8.100/24';

export interface Namespace {
  /** Runs a program in it and returns what it printed. */
  readonly run: (program: string, ...parameters: readonly string[]) => string;
  /** Starts one that goes on. */
  readonly start: (program: string, ...parameters: readonly string[]) => ChildProcess;
  readonly pid: number;
  readonly end: () => void;
}

/** A network namespace without a name: it ends with its holder, however the test ends. */
export async function createNamespace(): Promise<Namespace> {
  const holder = spawn('unshare', ['--net', '--', 'sleep', '600'], { stdio: 'ignore' });
  const ours = readlinkSync('/proc/self/ns/net');
  await eventually(() => readlinkSync(`/proc/${holder.pid}/ns/net`) !== ours);
  const within = (rest: readonly string[]): string[] => [
    '--target',
    String(holder.pid),
    '--net',
    '--',
    ...rest,
  ];
  const run = (program: string, ...parameters: readonly string[]): string =>
    execFileSync('nsenter', within([program, ...parameters]), { encoding: 'utf8' });
  run('ip', 'link', 'set', 'lo', 'up');
  return {
    run,
    start: (program, ...parameters) =>
      spawn('nsenter', within([program, ...parameters]), { stdio: ['ignore', 'pipe', 'ignore'] }),
    pid: holder.pid ?? 0,
    end: () => holder.kill('SIGKILL'),
  };
}

/** Folders and files of one node, `pg1` of a cluster with `pg2`. */
export function createGuardContext(
  directory: string,
  server: TestServer,
  cluster: Readonly<Record<string, unknown>> = {},
  name = 'pg1',
): GuardContext {
  const below = pathsBelow(join(directory, `state-${name}`), join(directory, `run-${name}`));
  const paths: Paths = { ...below, guardDirectory: join(directory, `guard-${name}`) };
  for (const folder of [paths.stateDirectory, paths.runDirectory]) mkdirSync(folder, { recursive: true });
  const parsed = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: VIP_CIDR,
        interface: 'v0',
        vrid: 78,
        keepalived: { configFile: join(directory, 'keepalived.conf') },
        nodes: [
          { name: 'pg1', addresses: ['10.99.8.1'] },
          { name: 'pg2', addresses: ['10.99.8.2'] },
        ],
        ...cluster,
      },
    ],
  }).clusters[0] as ClusterConfig;
  const node = parsed.nodes.find((it) => it.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return {
    cluster: { ...parsed, postgres: server.postgres },
    node,
    paths,
    clock: systemClock,
    // psql finds the server's socket, which is not where Debian has it.
    runner: {
      run: (command) =>
        localRunner.run({
          ...command,
          environment: { ...command.environment, PGHOST: server.socketDirectory },
        }),
    },
  };
}

/** Writes the lease file as the agent does; a negative time is a lease that ran out. */
export function writeLease({ paths }: GuardContext, milliseconds: number, holder = 'pg1'): void {
  const deadline = Math.floor((bootMillis() + milliseconds) / 10);
  writeFileSync(`${paths.leaseFile}.new`, `${deadline} 1 ${holder}\n`);
  renameSync(`${paths.leaseFile}.new`, paths.leaseFile);
}

export function removeLease({ paths }: GuardContext): void {
  rmSync(paths.leaseFile, { force: true });
}

export function gateOf({ paths }: GuardContext): string {
  return readFileSync(paths.gateFile, 'utf8').trim();
}

/** Waits until it is so, at most 10 s, and fails with the question's text otherwise. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const seen = await pollUntil(systemClock, 10_000, 20, async () => ((await isSo()) ? true : undefined));
  if (seen !== true) throw new Error(`never came true: ${isSo.toString()}`);
}

/** Ends a child and waits for it. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal);
  await eventually(() => child.exitCode !== null || child.signalCode !== null);
}

/** A killed postmaster that its parent has not fetched keeps its number, and no server starts meanwhile. */
export async function startAfterKill(server: TestServer): Promise<void> {
  const file = join(server.postgres.dataDirectory, 'postmaster.pid');
  const pid = existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : '';
  await eventually(() => pid === '' || !existsSync(`/proc/${pid}`));
  await startServer(server);
}
