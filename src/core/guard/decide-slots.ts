/** Which replication slots of this server nobody will use again, so that they would hold WAL until the disk is full: pure. */
import type { ReplicationSlot } from '../model/replication-slot.ts';

/** What was seen of this server's slots while it was primary. */
export interface SlotsAsPrimary {
  /** Physical slots that a standby of this cluster streamed from, and that standby's name. */
  readonly standbys: Readonly<Record<string, string>>;
  /** Names of its logical slots. */
  readonly logical: readonly string[];
}

export interface SlotsNow {
  readonly slots: readonly ReplicationSlot[];
  /** Addresses that stream from this server. */
  readonly streaming: readonly string[];
  readonly standbys: readonly KnownStandby[];
}

/** Another node of the cluster, as it was last seen to be a standby. */
export interface KnownStandby {
  readonly node: string;
  readonly addresses: readonly string[];
  /** By which its WAL receiver streams, as it says itself: a backup program on its host may use another one. */
  readonly slot: string | null;
}

export const NO_SLOTS: SlotsAsPrimary = { standbys: {}, logical: [] };

/** The memory after one more look at a primary. A slot that is gone is forgotten. */
export function slotsAsPrimary(before: SlotsAsPrimary, now: SlotsNow): SlotsAsPrimary {
  const { slots } = now;
  const standbys: Record<string, string> = {};
  for (const { type, name, usedBy } of slots) {
    const user = now.standbys.find(
      (it) => it.slot === name && usedBy !== null && it.addresses.includes(usedBy),
    );
    const node = user?.node ?? before.standbys[name];
    if (type === 'physical' && node !== undefined) standbys[name] = node;
  }
  return { standbys, logical: slots.filter((it) => it.type === 'logical').map((it) => it.name) };
}

/** On a primary: slots of standbys that stream again, and without a slot: Primacy points a standby at its primary that way. */
export function unusedOnPrimary(
  memory: SlotsAsPrimary,
  { slots, streaming, standbys }: SlotsNow,
): readonly ReplicationSlot[] {
  const without = standbys
    .filter((it) => it.slot === null && it.addresses.some((address) => streaming.includes(address)))
    .map((it) => it.node);
  return slots.filter((it) => {
    const node = memory.standbys[it.name];
    return it.type === 'physical' && !it.active && node !== undefined && without.includes(node);
  });
}

/**
 * On a standby that was the primary: the slots of its former standbys, which follow the new one, and its logical slots, which cannot be read
 * on a standby and must not be read after another primary has vacuumed its catalogs.
 */
export function unusedOnStandby(
  memory: SlotsAsPrimary,
  slots: readonly ReplicationSlot[],
): readonly ReplicationSlot[] {
  return slots.filter(
    (it) =>
      !it.active &&
      (it.name in memory.standbys || (it.type === 'logical' && memory.logical.includes(it.name))),
  );
}
