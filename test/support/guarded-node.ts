/** A real server with its guards installed and adopted, and a stand-in for the agent beside it: a socket that answers, a process that lives. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import type { EpochMillis, SystemIdentifier } from '../../src/core/model/names.ts';
import { installGuards } from '../../src/node/adopt/install-guards.ts';
import type { ProcedureContext } from '../../src/node/procedures/context.ts';
import { writeAdoption } from '../../src/world/files/adoption.ts';
import { sql, type Playground, type TestServer } from './postgres-cluster.ts';
import { contextOf, nodeNamed } from './procedure-context.ts';

/** What procedures are given on the node of this server, with its guards installed below the playground. */
export async function guardedContext(
  playground: Playground,
  server: TestServer,
  all: readonly TestServer[],
): Promise<ProcedureContext> {
  const made = await contextOf(playground.directory, server, all);
  const context = { ...made, paths: { ...made.paths, guardDirectory: join(playground.directory, 'guard') } };
  await installGuards(context);
  return context;
}

export async function systemIdentifierOf(server: TestServer): Promise<SystemIdentifier> {
  const statement = 'select system_identifier::text as it from pg_control_system()';
  return ((await sql<{ it: string }>(server, statement))[0]?.it ?? '') as SystemIdentifier;
}

/** From now on the node counts as handed over. The server must answer. */
export async function markAdopted(context: ProcedureContext, server: TestServer): Promise<void> {
  const systemIdentifier = await systemIdentifierOf(server);
  await writeAdoption(context.paths.adoption, {
    at: 0 as EpochMillis,
    node: nodeNamed(server),
    systemIdentifier,
  });
}

export class StandInAgent {
  readonly #context: ProcedureContext;
  #socket: Server | null = null;
  #process: ChildProcess | null = null;

  constructor(context: ProcedureContext) {
    this.#context = context;
  }

  /** Answers on the agent's socket; `answer` gives the document. */
  async serve(answer: (request: IncomingMessage) => Promise<unknown>): Promise<void> {
    this.#socket = createServer((request, response) => {
      void answer(request).then((it) => response.end(JSON.stringify(it)));
    });
    await new Promise<void>((resolve) => {
      this.#socket?.listen(this.#context.paths.agentSocket, resolve);
    });
  }

  /** A process that is taken for the agent, because it is one by its arguments and in its pid file. */
  async run(): Promise<void> {
    this.#process = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', 'agent'], {
      stdio: 'ignore',
    });
    await writeFile(this.#context.paths.agentPidFile, `${this.#process.pid ?? 0}\n`);
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
    this.#process = null;
  }

  close(): void {
    this.kill();
    this.#socket?.close();
  }
}
