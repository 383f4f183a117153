/** Whether a primary may hand its place to a standby as planned, and to which: only where nothing would be lost and nobody would wait. */
import { lsnDifferenceBytes, parseLsn, type Lsn } from '../model/lsn.ts';
import type { NodeName } from '../model/names.ts';
import { isListed, parseSynchronousNames } from '../model/synchronous-names.ts';
import type { SynchronousWord } from '../model/synchronous-word.ts';
import { chooseSuccessor } from './choose-successor.ts';
import { isUnguarded, type DutySnapshot, type OtherNode } from './duty.ts';

export const SWITCHOVER_REFUSALS = [
  /** This node is not the primary under the lease. */
  'not-primary',
  /** A fence marker stands here. */
  'fenced',
  /** Another procedure is under way on this node. */
  'busy',
  /** The fuse does not run here. */
  'unguarded',
  /** Less than a majority of the voters answers: the lease could not be given away. */
  'no-majority',
  /** People are at work. */
  'paused',
  /** The lease is a person's override: nobody else can be given it. */
  'forced',
  /** No database node of that name is heard, or it is this one. */
  'unknown-node',
  /** The standby does not pass the criteria that are its own matter, or nobody does. */
  'not-ready',
  /** The standby receives no WAL from here. */
  'not-streaming',
  /** The standby lacks more WAL than it could receive at once. */
  'behind',
  /** Commits wait for other standbys than this one. */
  'outside-synchronous-set',
] as const;
/** Stable words: they are in documents and never change their meaning. */
export type SwitchoverRefusal = (typeof SWITCHOVER_REFUSALS)[number];

export interface SwitchoverSnapshot {
  readonly duty: DutySnapshot;
  /** Whom a person named; null = the best. */
  readonly to: NodeName | null;
  /** End of this primary's WAL; null = not known. */
  readonly ownLsn: Lsn | null;
  /** The nodes that stream from here now. */
  readonly streaming: readonly NodeName[];
  /** How commits wait for standbys; null = not known. */
  readonly synchronous: SynchronousWord | null;
  readonly maxLagBytes: number;
}

export type SwitchoverDecision =
  | { readonly kind: 'go'; readonly successor: NodeName; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: SwitchoverRefusal; readonly reason: string };

/** The whole decision. Whatever is not known refuses. */
export function decideSwitchover(snapshot: SwitchoverSnapshot): SwitchoverDecision {
  return judgeOwn(snapshot) ?? judgeSuccessor(snapshot);
}

function refuse(code: SwitchoverRefusal, reason: string): SwitchoverDecision {
  return { kind: 'refused', code, reason };
}

function judgeOwn({ duty }: SwitchoverSnapshot): SwitchoverDecision | null {
  const { self, adopted, lease, server, marker, busy } = duty;
  if (adopted.kind === 'unknown' || !adopted.value || lease.entitledUntil === null)
    return refuse('not-primary', `${holderOf(duty)} holds the lease, not ${self}: ask there`);
  if (server.state !== 'writable')
    return refuse('not-primary', `PostgreSQL on ${self} is not writable: ${server.state}`);
  if (marker.kind === 'unknown') return refuse('fenced', `the fence marker cannot be read: ${marker.reason}`);
  if (marker.value !== null) return refuse('fenced', `the fence marker stands: ${marker.value.reason}`);
  if (busy !== null) return refuse('busy', `${busy} is under way on ${self}`);
  if (isUnguarded(duty)) return refuse('unguarded', `the fuse does not run on ${self}`);
  if (lease.pause !== null) return refuse('paused', `${lease.pause}; "primacy resume" on ${self} ends that`);
  if (lease.forced)
    return refuse('forced', 'this node is primary by an override, without a majority of the voters');
  if (!lease.majoritySeen)
    return refuse(
      'no-majority',
      'less than a majority of the voters answers, so the lease cannot be given away',
    );
  return null;
}

function holderOf({ lease }: DutySnapshot): string {
  return lease.newest?.lease.holder ?? 'nobody';
}

function judgeSuccessor(snapshot: SwitchoverSnapshot): SwitchoverDecision {
  const { duty, to, streaming } = snapshot;
  const { self, now, others, debt, limits } = duty;
  const databases = others.filter((it) => it.report.kind === 'database');
  if (to !== null && !databases.some((it) => it.node === to))
    return refuse('unknown-node', to === self ? `${to} is the primary` : `no standby named ${to} is heard`);
  const named = databases.filter((it) => to === null || it.node === to);
  const ready = named.filter((it) => chooseSuccessor([it], now, limits.freshMs, debt) !== null);
  if (ready.length === 0)
    return refuse(
      'not-ready',
      to === null
        ? 'no standby is ready to take over'
        : `${to} is not ready: primacy diagnose --failover there says why`,
    );
  const following = ready.filter((it) => streaming.includes(it.node));
  if (following.length === 0)
    return refuse('not-streaming', `${namesOf(ready)} receives no WAL from ${self}`);
  const successor = chooseSuccessor(following, now, limits.freshMs, debt);
  const chosen = following.find((it) => it.node === successor);
  if (chosen === undefined) return refuse('not-ready', 'no standby is ready to take over');
  return judgeChosen(snapshot, chosen);
}

function judgeChosen(snapshot: SwitchoverSnapshot, { node, report }: OtherNode): SwitchoverDecision {
  const { ownLsn, synchronous, maxLagBytes } = snapshot;
  const received = report.server?.lsn ?? null;
  if (ownLsn === null || received === null) return refuse('behind', `how far ${node} is behind is not known`);
  const behind = Math.max(0, lsnDifferenceBytes(ownLsn, parseLsn(received)));
  if (behind > maxLagBytes)
    return refuse('behind', `${node} lacks ${behind} bytes of WAL, limit ${maxLagBytes}`);
  const outside = outsideSet(synchronous, report);
  if (outside !== null) return refuse('outside-synchronous-set', outside);
  return {
    kind: 'go',
    successor: node,
    reason: `${node} streams, is ready, and lacks ${behind} bytes of WAL`,
  };
}

/** Why it is not known to be in the set; null = it is, or there is none. While the set is suspended nobody is in it. */
function outsideSet(word: SynchronousWord | null, { node, server }: OtherNode['report']): string | null {
  if (word === null) return 'whether commits wait for a standby is not known';
  if (word.degraded) return null;
  const names = parseSynchronousNames(word.names);
  if (names.kind === 'unknown') return names.reason;
  if (names.value === null) return null;
  const streamsAs = server?.streamsAs ?? null;
  if (streamsAs !== null && isListed(names.value, streamsAs)) return null;
  return `commits wait for ${word.names}, not for ${node}`;
}

function namesOf(nodes: readonly OtherNode[]): string {
  return nodes.map((it) => it.node).join(' and ');
}
