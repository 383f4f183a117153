/** `primacy lab up|down|status|account`: a lab's life and what it looks like. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { labAccount } from '../../lab/measure/account.ts';
import { labStatus } from '../../lab/measure/status.ts';
import { labDown } from '../../lab/down.ts';
import { MAX_NODES } from '../../lab/topology.ts';
import type { LabOptions } from '../../lab/up/building.ts';
import { labUp } from '../../lab/up/up.ts';
import { printJson, printLine, progressFromNow, requireRoot, withName } from './output.ts';
import { describeAccount, describeStatus } from './describe.ts';

interface Named {
  readonly name: string;
}
interface Printed extends Named {
  readonly json?: boolean;
}

/** Adds options and action. */
export function configureUp(command: Command): void {
  withName(command)
    .description('build a lab and wait until it works')
    .option('--nodes <number>', `database hosts, 2 to ${MAX_NODES}`, nodeCount, 2)
    .option('--no-witness', 'the database hosts are all the voters')
    .addOption(new Option('--profile <profile>', 'timing').choices(['fast', 'article']).default('fast'))
    .addOption(
      new Option('--policy <policy>', "the responder's policy")
        .choices(['observe', 'approve', 'auto'])
        .default('approve'),
    )
    .option('--sync', 'one synchronous standby', false)
    .option(
      '--disk <megabytes>',
      "a file system of that size for each database host's data directory",
      diskSize,
    )
    .option('--jitter <milliseconds>', 'hold every frame between two hosts up for 0 to that long', jitter, 0)
    .option('--archive', 'one WAL archive, shared by the database hosts', false)
    .option('--fake-clocks', "run the database hosts' services by clocks that can be set", false)
    .option('--no-adopt', 'leave out "primacy adopt": the agents only observe')
    .option(
      '--no-agent',
      "a pair with keepalived and the article's scripts, without Primacy: what it improves on",
    )
    .addHelpText(
      'after',
      [
        '',
        'The profile "fast" has the default times and scrapes every second. "article" has those of the articles: scrape and',
        'evaluation every 15 s, notification after 30 s, heartbeat every 5 s, VRRP every second.',
        '',
        'Example:',
        '  primacy lab up --name trial --nodes 3',
        '  primacy lab up --name before --no-agent',
        '',
      ].join('\n'),
    )
    .action(async (options: UpFlags) => {
      requireRoot();
      const { disk, jitter: jitterMs, ...others } = options;
      const state = await labUp({ ...others, diskMegabytes: disk ?? null, jitterMs }, progressFromNow());
      if (!state.agent) return;
      printLine(`page ${state.page}`);
      printLine(`Prometheus ${state.prometheus}`);
      printLine(`Alertmanager ${state.alertmanager}`);
    });
}

type UpFlags = Omit<LabOptions, 'diskMegabytes' | 'jitterMs'> & {
  readonly disk?: number;
  readonly jitter: number;
};

/** A new cluster of the lab needs about 250 MB with the WAL that it keeps for its standbys. */
const SMALLEST_DISK = 400;

function diskSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < SMALLEST_DISK || size > 100_000) {
    throw new InvalidArgumentError(`expected ${SMALLEST_DISK} to 100000`);
  }
  return size;
}

const LONGEST_JITTER = 10_000;

function jitter(text: string): number {
  const milliseconds = Number(text);
  if (!Number.isInteger(milliseconds) || milliseconds < 0 || milliseconds > LONGEST_JITTER) {
    throw new InvalidArgumentError(`expected 0 to ${LONGEST_JITTER}`);
  }
  return milliseconds;
}

function nodeCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2 || count > MAX_NODES) {
    throw new InvalidArgumentError(`expected 2 to ${MAX_NODES}`);
  }
  return count;
}

/** Adds options and action. */
export function configureDown(command: Command): void {
  withName(command)
    .description('end a lab and remove everything of it; also one that was killed while it was built')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample:\n  primacy lab down --name trial\n')
    .action(async (options: Printed) => {
      requireRoot();
      const removed = await labDown(options.name);
      if (options.json === true) printJson(removed);
      else if (removed.folder === null && removed.processes.length === 0) {
        printLine(`nothing to remove: there is no lab ${removed.name}`);
      } else {
        printLine(`ended: ${removed.processes.join(', ') || 'no process was left'}`);
        printLine(`removed: ${removed.folder ?? 'no folder was left'}`);
      }
    });
}

/** Adds options and action. */
export function configureStatus(command: Command): void {
  withName(command)
    .description('what every host is at this moment')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample:\n  primacy lab status --json\n')
    .action(async (options: Printed) => {
      requireRoot();
      const status = await labStatus(options.name);
      if (options.json === true) printJson(status);
      else for (const line of describeStatus(status)) printLine(line);
    });
}

/** Adds options and action. */
export function configureAccount(command: Command): void {
  withName(command)
    .description(
      "compare the client's acknowledged rows with the primary and every salvage bundle; exit 1 where a row is nowhere",
    )
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample:\n  primacy lab account --json\n')
    .action(async (options: Printed) => {
      requireRoot();
      const account = await labAccount(options.name);
      if (options.json === true) printJson(account);
      else for (const line of describeAccount(account)) printLine(line);
      if (account.nowhere > 0) process.exitCode = 1;
    });
}
