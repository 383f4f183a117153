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
  /** The cluster's other database nodes by each of their addresses. */
  readonly nodes: ReadonlyMap<string, string>;
}

export const NO_SLOTS: SlotsAsPrimary = { standbys: {}, logical: [] };

/** The memory after one more look at a primary. A slot that is gone is forgotten. */
export function slotsAsPrimary(before: SlotsAsPrimary, { slots, nodes }: SlotsNow): SlotsAsPrimary {
  const standbys: Record<string, string> = {};
  for (const { type, name, usedBy } of slots) {
    const node = (usedBy === null ? undefined : nodes.get(usedBy)) ?? before.standbys[name];
    if (type === 'physical' && node !== undefined) standbys[name] = node;
  }
  return { standbys, logical: slots.filter((it) => it.type === 'logical').map((it) => it.name) };
}

/** On a primary: slots of standbys that stream again, and without a slot: Primacy points a standby at its primary that way. */
export function unusedOnPrimary(
  memory: SlotsAsPrimary,
  { slots, streaming, nodes }: SlotsNow,
): readonly ReplicationSlot[] {
  const withSlot = new Set(slots.map((it) => it.usedBy));
  const without = new Set(streaming.filter((it) => !withSlot.has(it)).map((it) => nodes.get(it)));
  return slots.filter((it) => {
    const node = memory.standbys[it.name];
    return it.type === 'physical' && !it.active && node !== undefined && without.has(node);
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
