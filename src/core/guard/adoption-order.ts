/** In which order a pair is handed over and given back: what a node may do beside the others, and what is left to do. */

/** One database node as its own agent tells it. */
export interface NodeStanding {
  readonly name: string;
  /** False: its agent gave no answer, and nothing below is known. */
  readonly answered: boolean;
  readonly role: 'primary' | 'standby' | 'unknown';
  readonly adopted: boolean;
  /** Its running keepalived has Primacy's configuration. */
  readonly prepared: boolean;
  readonly holdsLease: boolean;
  readonly holdsVip: boolean;
}

export interface Adopting {
  readonly role: 'primary' | 'standby';
  readonly adopted: boolean;
  /** keepalived of this node still has to be given Primacy's configuration. */
  readonly takesOver: boolean;
}

/**
 * Why this node has to wait; null = it may go on.
 * - The primary's keepalived changes last: beside another configuration (VRRP version 2, say) both would be MASTER, and the article's script promotes.
 * - The primary's server is handed over first: a standby without a primary under the lease could only take over.
 */
export function adoptionRefusal(own: Adopting, others: readonly NodeStanding[]): string | null {
  if (own.role === 'primary' && own.takesOver) {
    const unprepared = others.filter(({ answered, prepared }) => !answered || !prepared);
    if (unprepared.length === 0) return null;
    return `keepalived of ${unprepared.map(notPrepared).join(' and ')} may still take the VIP; run "primacy adopt --prepare" there first`;
  }
  if (own.role === 'standby' && !own.adopted && !others.some(({ holdsLease }) => holdsLease)) {
    const primary = others.find(({ role }) => role === 'primary')?.name ?? 'the primary';
    return `no node holds the lease yet; run "primacy adopt" on ${primary} first, the standbys after it`;
  }
  return null;
}

function notPrepared({ name, answered }: NodeStanding): string {
  return answered ? name : `${name} (whose agent gives no answer)`;
}

/** What is left until every node is handed over, in order; empty = nothing. `nodes`: all of the cluster, this one included. */
export function adoptionNext(nodes: readonly NodeStanding[]): readonly string[] {
  const silent = nodes.filter(({ answered }) => !answered);
  const waiting = nodes.filter(({ answered, adopted }) => answered && !adopted);
  const primaries = waiting.filter(({ role }) => role === 'primary');
  const standbys = waiting.filter(({ role }) => role !== 'primary');
  return [
    ...silent.map(({ name }) => `${name}: start the agent`),
    ...(primaries.length === 0
      ? []
      : standbys.filter(({ prepared }) => !prepared).map(({ name }) => `${name}: primacy adopt --prepare`)),
    ...primaries.map(({ name }) => `${name}: primacy adopt`),
    ...standbys.map(({ name }) => `${name}: primacy adopt`),
    ...nodes
      .filter(({ answered, adopted, prepared }) => answered && adopted && !prepared)
      .map(({ name }) => `${name}: keepalived has not Primacy's configuration yet; primacy adopt`),
  ];
}

/**
 * Why a standby's keepalived cannot have its former configuration back yet; null = it can. Only a VIP that is seen under a keepalived
 * without ours is proof.
 */
export function giveBackRefusal(others: readonly NodeStanding[]): string | null {
  const holder = others.find(({ holdsVip }) => holdsVip);
  if (holder === undefined) return 'no other node is seen to have the VIP';
  return holder.prepared ? `${holder.name} has the VIP and its keepalived has Primacy's configuration` : null;
}
