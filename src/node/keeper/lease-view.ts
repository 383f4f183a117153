/** The lease as the keeper's decisions want it: the newest one that anybody knows, and whether its holder was heard. */
import type { DutyLease, OtherNode } from '../../core/guard/duty.ts';
import { majorityOf } from '../../core/lease/lease.ts';
import { describePause } from '../../core/lease/pause.ts';
import type { VoterView } from '../../core/lease/message.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { LeaseService } from '../lease/lease-service.ts';

interface SeenView {
  readonly view: VoterView;
  /** When it was told, boot-time milliseconds of this node. */
  readonly at: number;
}

/**
 * One view of the lease service. `freshMs`: answers to requests sent longer ago count for nothing. `lineage`: held-lease.ts. `forced`: by an
 * override.
 */
export function viewLease(
  lease: LeaseService,
  voters: readonly NodeName[],
  now: number,
  freshMs: number,
  lineage: ReadonlySet<string>,
  entitledSince: number | null = null,
  forced = false,
): DutyLease {
  const peers = [...lease.peers().values()].flatMap((peer): readonly SeenView[] => {
    const { answer } = peer;
    return answer !== null && now - answer.sentAt <= freshMs
      ? [{ view: answer.view, at: answer.receivedAt }]
      : [];
  });
  const views: readonly SeenView[] = [{ view: lease.ownView(), at: now }, ...peers];
  const newest = newestOf(views);
  const bequest = lease.bequest();
  return {
    entitledUntil: lease.entitledUntil(),
    entitledSince,
    forced,
    pause: pauseOf(lease, views, newest, now),
    newest,
    newestWasHeld: newest !== null && lineage.has(newest.lease.uuid),
    holderHeardAt: newest === null ? null : heardAt(views, newest.lease.uuid),
    bequest: bequest === null ? null : { lease: bequest.lease },
    mayClaim: lease.mayClaim(),
    majoritySeen: views.length >= majorityOf(voters),
  };
}

/** How many voters answered within `freshMs`, this node among them. */
export function votersSeen(lease: LeaseService, now: number, freshMs: number): number {
  const peers = [...lease.peers().values()].filter((it) => now - (it.answer?.sentAt ?? -Infinity) <= freshMs);
  return peers.length + 1;
}

/** The other nodes' last words. */
export function othersOf(lease: LeaseService): readonly OtherNode[] {
  return [...lease.peers()].map(([node, { heardAt: at, report, answer }]) => ({
    node,
    heardAt: at,
    answer,
    report,
  }));
}

/** The greatest epoch; of one epoch the view that knows of its transfer. */
function newestOf(views: readonly SeenView[]): DutyLease['newest'] {
  let newest: DutyLease['newest'] = null;
  for (const { view } of views) {
    if (view.lease === null) continue;
    const later = newest === null || view.lease.epoch > newest.lease.epoch;
    const transferred =
      newest !== null && view.lease.epoch === newest.lease.epoch && view.transferredTo !== null;
    if (later || transferred) newest = { lease: view.lease, transferredTo: view.transferredTo };
  }
  return newest;
}

/** The holder knows what it asked for; everybody else goes by the newest that a voter has in writing. */
function pauseOf(
  lease: LeaseService,
  views: readonly SeenView[],
  newest: DutyLease['newest'],
  now: number,
): string | null {
  if (newest === null || newest.transferredTo !== null) return null;
  if (lease.held() !== null) {
    const held = lease.pauseNow();
    return held && describePause(held.words);
  }
  const told = views
    .flatMap(({ view, at }) =>
      view.lease?.uuid === newest.lease.uuid && view.pause !== null ? [{ ...view.pause, at }] : [],
    )
    .toSorted((a, b) => b.number - a.number);
  const stands = told.find((it) => it.number === told[0]?.number && it.waitMs > now - it.at);
  return stands === undefined ? null : describePause(stands.words);
}

function heardAt(views: readonly SeenView[], uuid: string): number | null {
  const moments = views.flatMap(({ view, at }) =>
    view.lease?.uuid === uuid && view.heardAgoMs !== null ? [at - view.heardAgoMs] : [],
  );
  return moments.length === 0 ? null : Math.max(...moments);
}
