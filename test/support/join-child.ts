/** Runs a join in a process of its own, which can die at any entry of its journal. */
import type { ProcedureContext } from '../../src/node/procedures/context.ts';
import { joinAsStandby } from '../../src/node/start/join.ts';
import type { TestServer } from './postgres-cluster.ts';
import { contextOf, nodeNamed } from './procedure-context.ts';

export interface JoinTask {
  readonly directory: string;
  readonly own: TestServer;
  readonly servers: readonly TestServer[];
  readonly holder: TestServer;
  /** Die by SIGKILL instead of writing this entry, counted from 1. */
  readonly dieAt: number;
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

const task = JSON.parse(process.argv[2] ?? '') as JoinTask;
const context = dyingAt(await contextOf(task.directory, task.own, task.servers), task.dieAt);
const { kind, ...rest } = await joinAsStandby(context, nodeNamed(task.holder), { policy: 'auto' });
process.stdout.write(`${JSON.stringify({ kind, how: 'how' in rest ? rest.how : null })}\n`);
