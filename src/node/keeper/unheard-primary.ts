/** How long the last primary may have gone on where this node did not hear it: what it wrote then was never seen here. */
import type { LastPrimary } from '../../core/guard/failover-snapshot.ts';
import { quorumOf } from '../../core/lease/lease.ts';
import type { VoterView } from '../../core/lease/message.ts';
import type { Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { LeaseService } from '../lease/lease-service.ts';

/** Who asks, among which voters, and when. */
export interface Listener {
  readonly self: NodeName;
  readonly voters: readonly NodeName[];
  readonly now: number;
  /** Answers to requests that were sent longer ago count for nothing. */
  readonly freshMs: number;
}

interface SeenView {
  readonly view: VoterView;
  /** When it was told, boot-time milliseconds of this node. */
  readonly at: number;
}

/**
 * Milliseconds, at most, from what this node knows of the holder of the newest lease as a primary, by its own ears or by what others
 * remember, to the last moment at which enough voters can have kept its lease alive. A voter that does not answer, or was restarted since,
 * may have heard it until now. What the holder says as anything but a primary counts for nothing: one that comes back as a standby was
 * perhaps a primary for long. 0 where the last primary does not hold the newest lease.
 */
export function unheardFor(
  last: Known<Pick<LastPrimary, 'node' | 'ageMs'>>,
  lease: Pick<LeaseService, 'ownView' | 'peers'>,
  listener: Listener,
): number {
  if (last.kind === 'unknown') return 0;
  const { node, ageMs } = last.value;
  const { voters, now } = listener;
  const views = viewsOf(lease, listener);
  const epochs = [...views.values()].map(({ view }) => view.lease?.epoch ?? 0);
  const newest = [...views.values()].find(({ view }) => view.lease?.epoch === Math.max(...epochs));
  if (newest?.view.lease?.holder !== node) return 0;
  const { uuid } = newest.view.lease;
  const heard = voters
    .filter((it) => it !== node)
    .map((it) => heardUntil(views.get(it), uuid, now))
    .toSorted((a, b) => b - a);
  // The holder counts itself; so many of the others must have heard it.
  const others = quorumOf(voters).toContinue - 1;
  const until = others === 0 ? now : (heard[others - 1] ?? now);
  return Math.max(0, until - (now - ageMs));
}

function viewsOf(
  lease: Pick<LeaseService, 'ownView' | 'peers'>,
  { self, now, freshMs }: Listener,
): ReadonlyMap<NodeName, SeenView> {
  const views = new Map<NodeName, SeenView>([[self, { view: lease.ownView(), at: now }]]);
  for (const [node, { answer }] of lease.peers())
    if (answer !== null && now - answer.sentAt <= freshMs)
      views.set(node, { view: answer.view, at: answer.receivedAt });
  return views;
}

/**
 * Until when a voter can have kept the lease of that uuid alive. One that remembers another has not; one that remembers none has perhaps
 * forgotten that it did (simulation seed -3507736: a witness with a new disk).
 */
function heardUntil(seen: SeenView | undefined, uuid: string, now: number): number {
  if (seen === undefined) return now;
  const { view, at } = seen;
  if (view.lease === null) return now;
  if (view.lease.uuid !== uuid) return Number.NEGATIVE_INFINITY;
  return view.heardAgoMs === null ? now : at - view.heardAgoMs;
}
