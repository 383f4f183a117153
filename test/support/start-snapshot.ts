/** A snapshot before a start in which everything is well for the last holder, to be changed row by row. */
import type {
  PeerAtStart,
  ServerAtStart,
  StartSnapshot,
  VoteAtStart,
} from '../../src/core/guard/start-snapshot.ts';
import { known } from '../../src/core/model/known.ts';
import { parseLsn } from '../../src/core/model/lsn.ts';
import type { NodeName, SystemIdentifier } from '../../src/core/model/names.ts';
import { parseTimelineId } from '../../src/core/model/timeline.ts';

const SYSTEM = '7000000000000000001' as SystemIdentifier;

/** A vote for that epoch; holder null = none ever. */
export function voteOf(
  epoch: number,
  holder: string | null,
  transferredTo: string | null = null,
): VoteAtStart {
  return {
    lease: holder === null ? null : { epoch, uuid: `uuid-${epoch}`, holder: holder as NodeName },
    transferredTo: transferredTo as NodeName | null,
  };
}

/** A server of this cluster on timeline 1 at 0/2000000. */
export function serverAt(change: Partial<ServerAtStart>): ServerAtStart {
  return {
    role: 'standby',
    systemIdentifier: known(SYSTEM),
    timeline: known(parseTimelineId(1)),
    history: known(''),
    lsn: known(parseLsn('0/2000000')),
    ...change,
  };
}

export function witness(vote: VoteAtStart): PeerAtStart {
  return { vote: known(vote), server: null };
}

export const SILENT_PEER: PeerAtStart = { vote: known('silent'), server: known('silent') };

export function peerOf(peers: Readonly<Record<string, PeerAtStart>>): ReadonlyMap<NodeName, PeerAtStart> {
  return new Map(Object.entries(peers) as [NodeName, PeerAtStart][]);
}

/** pg1 held epoch 5, was shut down at 0/2000000; pg2 is down, the witness w1 answers. */
export function startSnapshot(change: Partial<StartSnapshot>): StartSnapshot {
  const vote = voteOf(5, 'pg1');
  return {
    self: 'pg1' as NodeName,
    systemIdentifier: SYSTEM,
    adopted: known(true),
    server: known({ role: 'down', processes: 0 }),
    vipHere: known(false),
    fence: known(null),
    rejoin: known(null),
    data: known({
      control: {
        systemIdentifier: SYSTEM,
        state: 'shut down',
        checkpointTimeline: parseTimelineId(1),
        checkpointLsn: parseLsn('0/1FFFF00'),
        minRecoveryEndLsn: parseLsn('0/0'),
        minRecoveryEndTimeline: 0,
        rewindPossible: true,
      },
      defect: null,
      timeline: parseTimelineId(1),
      history: '',
      endLsn: known(parseLsn('0/2000000')),
    }),
    otherStarts: known([]),
    voters: ['pg1', 'pg2', 'w1'] as NodeName[],
    ownVote: known(vote),
    peers: peerOf({
      pg2: { vote: known(vote), server: known(serverAt({ role: 'down' })) },
      w1: witness(vote),
    }),
    agentActs: true,
    force: null,
    ...change,
  };
}
