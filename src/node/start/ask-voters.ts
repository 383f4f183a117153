/** Asks the voters before a start: through this node's agent where it answers, else by datagrams of its own. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { VoteAtStart } from '../../core/guard/start-snapshot.ts';
import type { LeaseMessage } from '../../core/lease/message.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { readSecretFile } from '../../config/secret-file.ts';
import { bootMillis, pollUntil } from '../../world/clock.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { parseVoteMemory } from '../../world/files/vote-memory.ts';
import { openDatagramChannel } from '../../world/network/datagram-channel.ts';
import { emptyReport } from '../lease/datagram-budget.ts';
import { leaseConfigOf } from '../lease/lease-config.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import {
  answersOf,
  nobodyAsked,
  parseVotersDocument,
  SILENT,
  type VoterAnswer,
  type VoterAnswers,
} from './voters.ts';

const AGENT_LIMIT_MS = 1_000;
/** Longer than a voter needs to come back after a short loss, and short enough for a person who waits. */
const SILENCE_MS = 2_000;
const ASK_INTERVAL_MS = 100;

/** What asking needs of a procedure's context. */
export type AskContext = Pick<ProcedureContext, 'cluster' | 'node' | 'clock'> & {
  readonly paths: Pick<ProcedureContext['paths'], 'agentSocket' | 'vote'>;
};

/** Never rejects; at most about three seconds. `bind`: addresses to ask from, all of this host where left out. */
export async function askVoters(context: AskContext, bind?: readonly string[]): Promise<VoterAnswers> {
  const others = context.cluster.nodes
    .map((it) => it.name as NodeName)
    .filter((it) => it !== context.node.name);
  const told = await askAgent(context.paths.agentSocket, '/voters');
  if (told.kind === 'known') {
    try {
      return answersOf(parseVotersDocument(told.value), others);
    } catch (error) {
      return nobodyAsked(
        `cannot read the agent's answer: ${errorText(error)}`,
        await ownVote(context),
        others,
      );
    }
  }
  return askByDatagram(context, others, bind);
}

/** One look at the agent of this node over its socket. Unknown where it does not answer with JSON in time. */
export function askAgent(socketPath: string, path: string): Promise<Known<unknown>> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => resolve(unknown(`the agent does not answer: ${errorText(error)}`));
    const asked = request(
      { socketPath, path, headers: { host: 'agent' }, signal: AbortSignal.timeout(AGENT_LIMIT_MS) },
      (response) => {
        text(response)
          .then((body) => {
            if (response.statusCode !== 200) fail(`status ${response.statusCode ?? 0}`);
            else resolve(known(JSON.parse(body)));
          })
          .catch(fail);
      },
    );
    asked.on('error', fail);
    asked.end();
  });
}

/** Binds the voter port, which is free where no agent runs. An agent that has it and does not answer leaves the votes unknown. */
async function askByDatagram(
  context: AskContext,
  others: readonly NodeName[],
  bind: readonly string[] | undefined,
): Promise<VoterAnswers> {
  const { cluster, node, clock } = context;
  const own = await ownVote(context);
  const answers = new Map<NodeName, VoterAnswer>();
  const deliver = (message: LeaseMessage<NodeReport>): void => {
    if (message.kind !== 'answer') return;
    const { lease, transferredTo } = message.view;
    answers.set(message.from, {
      vote: known({ lease, transferredTo }),
      role: message.report.server?.role ?? null,
      ready: message.report.readyToSucceed,
    });
  };
  try {
    const secret = (await readSecretFile(cluster.agent.secretFile)).value;
    const parts = { cluster, node, secret, deliver, now: bootMillis };
    const channel = await openDatagramChannel(bind === undefined ? parts : { ...parts, bind });
    const { digest, waitMs } = leaseConfigOf(cluster, node);
    const common = { kind: 'look', from: node.name as NodeName, digest, waitMs } as const;
    await pollUntil(clock, SILENCE_MS, ASK_INTERVAL_MS, () => {
      for (const to of others)
        if (!answers.has(to))
          channel.send(to, { ...common, nonce: randomUUID(), at: bootMillis(), report: emptyReport(node) });
      return Promise.resolve(answers.size === others.length ? true : undefined);
    });
    await channel.close();
  } catch (error) {
    return nobodyAsked(errorText(error), own, others);
  }
  for (const name of others) if (!answers.has(name)) answers.set(name, SILENT);
  return { own, peers: answers };
}

/** This voter's memory, read without changing it. */
async function ownVote(context: AskContext): Promise<Known<VoteAtStart>> {
  try {
    const memory = await readOptional(context.paths.vote);
    if (memory === null) return known({ lease: null, transferredTo: null });
    const { lease, transferredTo } = parseVoteMemory(memory);
    return known({ lease, transferredTo });
  } catch (error) {
    return unknown(`cannot read vote memory ${context.paths.vote}: ${errorText(error)}`);
  }
}
