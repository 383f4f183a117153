/** A snapshot before a start, put in order: who is primary elsewhere, what a majority of the voters stands by, how the histories relate. */
import { compareBranches } from '../divergence/compare-branches.ts';
import { majorityOf, type LeaseId } from '../lease/lease.ts';
import { formatLsn } from '../model/lsn.ts';
import type { NodeName } from '../model/names.ts';
import { parseHistory } from '../model/timeline.ts';
import { LEASE_LOST } from './decide-duty.ts';
import type { ServerAtStart, StartSnapshot, VoteAtStart } from './start-snapshot.ts';
import { isPlannedStop } from './stop-markers.ts';

/** How this node's WAL stands to the primary's. `unclear`: a number, text or position is missing, or equal numbers prove nothing. */
export type Relation = 'contained' | 'forked' | 'ahead' | 'unclear';

export interface StartView {
  /** Nodes whose server was seen to be primary, this cluster's or not known to be another's. */
  readonly primaries: readonly { readonly node: NodeName; readonly server: ServerAtStart }[];
  /** Primaries that were seen to belong to another cluster. */
  readonly foreign: readonly NodeName[];
  /** Database nodes of which neither a role nor silence was seen. */
  readonly unclearServers: readonly NodeName[];
  /** Voters whose vote was read, self among them. */
  readonly answered: readonly NodeName[];
  readonly silent: readonly NodeName[];
  /** Voters that neither answered nor were seen to be silent. */
  readonly unclearVoters: readonly NodeName[];
  readonly majority: boolean;
  /** The newest of all votes that were read; null where nobody knows a lease. */
  readonly newest: VoteAtStart | null;
}

export function startViewOf(snapshot: StartSnapshot): StartView {
  const primaries: { node: NodeName; server: ServerAtStart }[] = [];
  const foreign: NodeName[] = [];
  const unclearServers: NodeName[] = [];
  for (const [node, { server }] of snapshot.peers) {
    if (server === null || (server.kind === 'known' && server.value === 'silent')) continue;
    if (server.kind === 'unknown' || server.value === 'silent' || server.value.role === 'unknown')
      unclearServers.push(node);
    else if (server.value.role === 'primary') {
      if (isForeign(snapshot, server.value)) foreign.push(node);
      else primaries.push({ node, server: server.value });
    }
  }
  return { primaries, foreign, unclearServers, ...votesOf(snapshot) };
}

function isForeign(snapshot: StartSnapshot, { systemIdentifier }: ServerAtStart): boolean {
  if (systemIdentifier.kind === 'unknown') return false;
  const own =
    snapshot.systemIdentifier ??
    (snapshot.data.kind === 'known' ? snapshot.data.value.control.systemIdentifier : null);
  return own !== null && own !== systemIdentifier.value;
}

function votesOf(
  snapshot: StartSnapshot,
): Pick<StartView, 'answered' | 'silent' | 'unclearVoters' | 'majority' | 'newest'> {
  const answered: NodeName[] = [];
  const silent: NodeName[] = [];
  const unclearVoters: NodeName[] = [];
  let newest: VoteAtStart | null = null;
  for (const voter of snapshot.voters) {
    const vote = voter === snapshot.self ? snapshot.ownVote : snapshot.peers.get(voter)?.vote;
    if (vote === undefined || vote.kind === 'unknown') unclearVoters.push(voter);
    else if (vote.value === 'silent') silent.push(voter);
    else {
      answered.push(voter);
      if (isNewer(vote.value, newest)) newest = vote.value;
    }
  }
  const majority = answered.includes(snapshot.self) && answered.length >= majorityOf(snapshot.voters);
  return { answered, silent, unclearVoters, majority, newest };
}

/** Of the same epoch the one that was given away is the newer word. */
function isNewer(vote: VoteAtStart, than: VoteAtStart | null): boolean {
  if (vote.lease === null) return false;
  const epoch = (lease: LeaseId | null): number => lease?.epoch ?? 0;
  if (than === null || epoch(vote.lease) !== epoch(than.lease))
    return epoch(vote.lease) > epoch(than?.lease ?? null);
  return vote.transferredTo !== null && than.transferredTo === null;
}

/** Who may be primary by the newest vote: the holder, or the successor that it named. */
export function entitledBy(vote: VoteAtStart | null): NodeName | null {
  return vote === null ? null : (vote.transferredTo ?? vote.lease?.holder ?? null);
}

/** How this node's data stand to that primary's, by timelines, switch points and positions. */
export function relateToPrimary(snapshot: StartSnapshot, server: ServerAtStart): Relation {
  const { data } = snapshot;
  const { timeline, history, lsn } = server;
  if (data.kind === 'unknown' || data.value.endLsn.kind === 'unknown') return 'unclear';
  if (timeline.kind === 'unknown' || history.kind === 'unknown' || lsn.kind === 'unknown') return 'unclear';
  try {
    const own = { timeline: data.value.timeline, history: parseHistory(data.value.history) };
    const theirs = { timeline: timeline.value, history: parseHistory(history.value) };
    const comparison = compareBranches(own, theirs);
    if (comparison.kind === 'same') return 'unclear';
    if (data.value.endLsn.value <= comparison.at) return 'contained';
    return lsn.value <= comparison.at ? 'ahead' : 'forked';
  } catch {
    // A history that cannot be read proves nothing; the account reads it again and says why.
    return 'unclear';
  }
}

/** A standby elsewhere that has, or may have, WAL beyond this node's own end; null where none is. */
export function aheadOfUs(snapshot: StartSnapshot): string | null {
  for (const [node, { server }] of snapshot.peers) {
    if (server?.kind !== 'known' || server.value === 'silent') continue;
    const { role, lsn } = server.value;
    if (role !== 'standby' && role !== 'starting') continue;
    if (snapshot.data.kind === 'unknown' || snapshot.data.value.endLsn.kind === 'unknown')
      return 'the end of this node’s own WAL is not known';
    if (lsn.kind === 'unknown') return `how far ${node} came is not known: ${lsn.reason}`;
    if (lsn.value > snapshot.data.value.endLsn.value) return `${node} has WAL up to ${formatLsn(lsn.value)}`;
  }
  return null;
}

/** Why the data directory is not what it should be; null = it is. */
export function dataDefect({ data, systemIdentifier }: StartSnapshot): string | null {
  if (data.kind === 'unknown') return data.reason;
  const own = data.value.control.systemIdentifier;
  if (systemIdentifier !== null && own !== systemIdentifier)
    return `the data directory belongs to cluster ${own}, the configuration names ${systemIdentifier}`;
  return data.value.defect;
}

/** Markers that the node set itself: a start as a standby is what ends them. */
export function liftsItself(reason: string): boolean {
  return reason === LEASE_LOST || isPlannedStop(reason);
}
