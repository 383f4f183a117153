/** Looks at every other database node's server before a start, by SQL at its own address, beside what its voter told. */
import type { PeerAtStart, ServerAtStart } from '../../core/guard/start-snapshot.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { Role } from '../../core/model/role.ts';
import type { NodeConfig } from '../../config/schema.ts';
import type { PostgresSample } from '../../world/postgres/sample-row.ts';
import { createSampler } from '../../world/postgres/sample.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { sessionTo } from '../procedures/survivor-session.ts';
import type { VoterAnswer, VoterAnswers } from './voters.ts';

/** All at the same time, within the limits of one connection and one statement. Never rejects. */
export async function lookAtPeers(
  context: ProcedureContext,
  answers: VoterAnswers,
): Promise<ReadonlyMap<NodeName, PeerAtStart>> {
  const others = context.cluster.nodes.filter((it) => it.name !== context.node.name);
  const looks = others.map(async (node): Promise<readonly [NodeName, PeerAtStart]> => {
    const name = node.name as NodeName;
    const answer = answers.peers.get(name) ?? {
      vote: unknown('it was not asked'),
      role: null,
      ready: false,
    };
    return [name, { vote: answer.vote, server: await serverOf(context, node, answer) }];
  });
  return new Map(await Promise.all(looks));
}

async function serverOf(
  context: ProcedureContext,
  node: NodeConfig,
  answer: VoterAnswer,
): Promise<PeerAtStart['server']> {
  if (node.kind === 'witness') return null;
  const { timings } = context.cluster;
  const session = sessionTo(context, context.endpointOf(node.name as NodeName));
  try {
    const limitMs = (timings.sqlConnectSeconds + timings.sqlStatementSeconds) * 1_000;
    const outcome = await createSampler(session).sample(limitMs);
    if (outcome.kind === 'sample') return known(answered(outcome.sample));
    const { kind, detail } = outcome.failure;
    if (kind === 'refused') return known(mute('down', detail));
    if (kind === 'not-now') return known(mute('starting', detail));
    return told(kind === 'silent', detail, answer);
  } finally {
    await session.close();
  }
}

/** It did not say itself what it is: its agent's word counts, and its silence only together with its voter's. */
function told(silent: boolean, detail: string, { vote, role }: VoterAnswer): Known<ServerAtStart | 'silent'> {
  if (role !== null && role !== 'unknown') return known(mute(role, detail));
  if (silent && vote.kind === 'known' && vote.value === 'silent') return known('silent');
  return unknown(detail);
}

function answered(sample: PostgresSample): ServerAtStart {
  const { inRecovery, systemIdentifier, timeline, history, currentLsn, receiveLsn, replayLsn } = sample;
  const received =
    receiveLsn !== null && replayLsn !== null && receiveLsn < replayLsn
      ? replayLsn
      : (receiveLsn ?? replayLsn);
  const lsn = inRecovery ? received : currentLsn;
  return {
    role: inRecovery ? 'standby' : 'primary',
    systemIdentifier: known(systemIdentifier),
    timeline,
    history,
    lsn: lsn === null ? unknown('it gave no such position') : known(lsn),
  };
}

function mute(role: Role, detail: string): ServerAtStart {
  const nothing = unknown(detail);
  return { role, systemIdentifier: nothing, timeline: nothing, history: nothing, lsn: nothing };
}
