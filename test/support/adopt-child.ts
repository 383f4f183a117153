/** Adopts or gives back a node in a process of its own, inside a network namespace, which can die as soon as a step is done. */
import type { GuardContext } from '../../src/node/adopt/guard-context.ts';
import { adoptNode } from '../../src/node/adopt/adopt-node.ts';
import { giveKeepalivedBack } from '../../src/node/adopt/give-keepalived-back.ts';
import { planTakeOver, startWithOurs } from '../../src/node/adopt/take-keepalived-over.ts';
import { unadoptNode } from '../../src/node/adopt/unadopt-node.ts';
import type { RunStep } from '../../src/node/procedures/run-step.ts';
import { createGuardContext } from './guard-ground.ts';
import type { TestServer } from './postgres-cluster.ts';

export interface AdoptTask {
  readonly directory: string;
  readonly server: TestServer;
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly action: 'adopt' | 'unadopt' | 'prepare' | 'give-back';
  /** Die by SIGKILL when this step is done, before anybody knows; null = live. */
  readonly dieAfter: string | null;
}

const task = JSON.parse(process.argv[2] ?? '') as AdoptTask;
const step: RunStep = async (name, act) => {
  const value = await act();
  if (name === task.dieAfter) process.kill(process.pid, 'SIGKILL');
  return value;
};

async function run(context: GuardContext): Promise<unknown> {
  switch (task.action) {
    case 'adopt':
      return adoptNode(context, { others: [], step });
    case 'unadopt':
      return unadoptNode(context, { others: [], force: false, step });
    case 'prepare':
      return startWithOurs(context, await planTakeOver(context), step);
    case 'give-back':
      return giveKeepalivedBack(context, null, step);
  }
}

const result = await run(createGuardContext(task.directory, task.server, task.cluster));
process.stdout.write(`${JSON.stringify(result)}\n`);
