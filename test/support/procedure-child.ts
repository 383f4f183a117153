/** Runs fence, account and rejoin in a process of its own, which can die at any entry of its journal. */
import { account } from '../../src/node/procedures/account.ts';
import type { ProcedureContext } from '../../src/node/procedures/context.ts';
import { fence } from '../../src/node/procedures/fence.ts';
import { rejoin } from '../../src/node/procedures/rejoin.ts';
import { takeNodeLock } from '../../src/world/files/node-lock.ts';
import type { TestServer } from './postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from './procedure-context.ts';

export interface ChildTask {
  readonly directory: string;
  readonly own: TestServer;
  readonly servers: readonly TestServer[];
  readonly survivor: TestServer;
  /** Stop after the fence. */
  readonly fenceOnly: boolean;
  /** Die by SIGKILL instead of writing this entry, counted from 1; 0 = live. */
  readonly dieAt: number;
  readonly remediation?: string;
  /** Say `begun` on standard error once the procedures are about to run. */
  readonly announce?: boolean;
}

function dyingAt(context: ProcedureContext, dieAt: number): ProcedureContext {
  let count = 0;
  return {
    ...context,
    journal: {
      append: async (entry) => {
        count += 1;
        if (count === dieAt) process.kill(process.pid, 'SIGKILL');
        await context.journal.append(entry);
      },
    },
  };
}

const text = process.argv[2];
if (text === undefined) throw new Error('expected a task as JSON');
const task = JSON.parse(text) as ChildTask;
const made = await contextOf(task.directory, task.own, task.servers);
const lock = takeNodeLock(made.paths.nodeLock, 'rejoin');
// As on a node: what a killed procedure leaves behind, such as pg_rewind, keeps the next one waiting.
const context = dyingAt({ ...made, lockDescriptors: [lock.descriptor] }, task.dieAt);
const order = { ...orderOf(task.remediation ?? 'r-1'), survivor: nodeNamed(task.survivor) };
if (task.announce === true) process.stderr.write('begun\n');
const fenced = await fence(context, { ...order, reason: 'dual-primary' });
if (task.fenceOnly) {
  process.stdout.write(`${JSON.stringify(fenced)}\n`);
} else {
  const { digest } = await account(context, order);
  const report = await rejoin(context, { ...order, accountDigest: digest });
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
