/** The lease as the keeper's decisions want it: the newest one that anybody knows, and whether its holder was heard. */
import type { DutyLease, OtherNode } from '../../core/guard/duty.ts';
import { majorityOf, type LeaseId } from '../../core/lease/lease.ts';
import { describePause, type PauseNotice } from '../../core/lease/pause.ts';
import type { VoterView } from '../../core/lease/message.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { LeaseService } from '../lease/lease-service.ts';

interface SeenView {
  readonly view: VoterView;
  /** When it was told, boot-time milliseconds of this node. */
  readonly at: number;
}

/** What this node remembers of leases of its own. */
export interface Lineage {
  /** Of the last one that a majority granted, and of its own claims in vain after it. */
  readonly uuids: ReadonlySet<string>;
  /** The last one that a majority granted, in the highest epoch in which it did; null = none. */
  readonly held: Pick<LeaseId, 'uuid' | 'epoch'> | null;
}

/** One view of the lease service. `freshMs`: answers to requests sent longer ago count for nothing. `forced`: by an override. */
export function viewLease(
  lease: LeaseService,
  { self, voters }: { readonly self: NodeName; readonly voters: readonly NodeName[] },
  now: number,
  freshMs: number,
  lineage: Lineage,
  entitledSince: number | null = null,
  forced = false,
): DutyLease {
  const views: SeenView[] = [{ view: lease.ownView(), at: now }];
  for (const { answer } of lease.peers().values())
    if (answer !== null && now - answer.sentAt <= freshMs)
      views.push({ view: answer.view, at: answer.receivedAt });
  const held = lease.held() ?? lineage.held;
  const newest = newestOf(views.filter(({ view }) => isBorneOut(view, self, held))) ?? newestOf(views);
  const bequest = lease.bequest();
  return {
    entitledUntil: lease.entitledUntil(),
    entitledSince,
    forced,
    pause: pauseOf(lease, views, newest, now),
    newest,
    newestWasHeld: newest !== null && lineage.uuids.has(newest.lease.uuid),
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
  return [...lease.peers()].map(([node, { heardAt: at, clock, report, answer }]) => ({
    node,
    heardAt: at,
    clock,
    answer,
    report,
  }));
}

/**
 * Not what this node asked for, and no majority is known to have granted: a claim in vain, or a higher epoch of its lease. After it another node
 * may have held a lease of a lower epoch, and have written (simulation seed -3229596).
 */
function isBorneOut({ lease, transferredTo }: VoterView, self: NodeName, held: Lineage['held']): boolean {
  if (lease === null) return false;
  if (lease.holder !== self || transferredTo !== null) return true;
  return held !== null && lease.uuid === held.uuid && lease.epoch <= held.epoch;
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
  let [number, stands]: [number, PauseNotice | null] = [0, null];
  for (const { view, at } of views) {
    const { pause } = view;
    if (pause === null || view.lease?.uuid !== newest.lease.uuid || pause.number < number) continue;
    if (pause.number > number) [number, stands] = [pause.number, null];
    if (pause.waitMs > now - at) stands ??= pause;
  }
  return stands === null ? null : describePause(stands.words);
}

function heardAt(views: readonly SeenView[], uuid: string): number | null {
  let newest: number | null = null;
  for (const { view, at } of views)
    if (view.lease?.uuid === uuid && view.heardAgoMs !== null)
      newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, at - view.heardAgoMs);
  return newest;
}
