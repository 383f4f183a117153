/** Whether a suspended `synchronous_standby_names` is to be put back now. */
import { isListed, parseSynchronousNames, type SynchronousNames } from '../model/synchronous-names.ts';
import type { WalSender } from '../model/observation.ts';

type Sender = Pick<WalSender, 'applicationName' | 'state'>;

export interface SynchronousSnapshot {
  /** The server replays: nothing of it waits, whatever the setting says. */
  readonly inRecovery: boolean;
  /** `synchronous_standby_names` in force. */
  readonly inForce: string;
  /** As it was before it was suspended; null = it is not suspended. */
  readonly suspended: string | null;
  readonly senders: readonly Sender[];
}

export type SynchronousDecision =
  | { readonly kind: 'nothing-suspended' }
  /** A standby, and a server on which a person has set it anew, get it back at once. */
  | { readonly kind: 'restore'; readonly reason: string }
  /** Every commit would wait. */
  | { readonly kind: 'stay-suspended'; readonly reason: string };

/** A primary gets it back only where no commit has to wait for a standby that does not stream. */
export function decideSynchronous(snapshot: SynchronousSnapshot): SynchronousDecision {
  const { inRecovery, inForce, suspended, senders } = snapshot;
  if (suspended === null) return { kind: 'nothing-suspended' };
  if (inForce !== '') return { kind: 'restore', reason: `it was set to ${inForce} meanwhile` };
  if (inRecovery) return { kind: 'restore', reason: 'a standby makes nobody wait' };
  const names = parseSynchronousNames(suspended);
  if (names.kind === 'unknown') return { kind: 'stay-suspended', reason: names.reason };
  if (names.value === null) return { kind: 'restore', reason: 'it was empty' };
  const streaming = streamingMembers(names.value, senders);
  const reason = `${streaming} of ${names.value.count} standbys that a commit waits for stream`;
  return { kind: streaming >= names.value.count ? 'restore' : 'stay-suspended', reason };
}

/** Standbys of the set that have caught up: PostgreSQL waits for no other. */
export function streamingMembers(names: SynchronousNames, senders: readonly Sender[]): number {
  return senders.filter((it) => it.state === 'streaming' && isListed(names, it.applicationName)).length;
}
