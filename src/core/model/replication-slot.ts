/** A replication slot as its server shows it, and what a failover does to it. */

export interface ReplicationSlot {
  readonly name: string;
  readonly type: 'physical' | 'logical';
  /** Null for a physical slot. */
  readonly plugin: string | null;
  readonly database: string | null;
  readonly active: boolean;
  /** WAL that cannot be removed because of it, bytes; null where it holds none. */
  readonly heldBytes: number | null;
  /** Logical: up to where its consumer has confirmed, `0/3000060`. */
  readonly confirmedLsn: string | null;
  /** Address of who streams from it now; null where nobody does, or by a local socket. */
  readonly usedBy: string | null;
}

/** Before PostgreSQL 17 a logical slot lives on one server only: the standby that is promoted does not have it. */
export interface LostSlot {
  readonly name: string;
  readonly plugin: string;
  readonly database: string;
  readonly confirmedLsn: string | null;
  /** The primary that had it. */
  readonly node: string;
}

/** The logical slots of a primary that its successor does not have. */
export function lostSlots(
  node: string,
  before: readonly ReplicationSlot[],
  now: readonly ReplicationSlot[],
): readonly LostSlot[] {
  const here = new Set(now.map((it) => it.name));
  return before.flatMap(({ type, name, plugin, database, confirmedLsn }) =>
    type === 'logical' && !here.has(name)
      ? [{ name, plugin: plugin ?? '', database: database ?? '', confirmedLsn, node }]
      : [],
  );
}

/** One sentence without full stop. */
export function describeLostSlot({ name, plugin, database, confirmedLsn, node }: LostSlot): string {
  return `logical slot ${name} (${plugin}, database ${database}) was on ${node} only, confirmed up to ${confirmedLsn ?? 'nothing'}`;
}
