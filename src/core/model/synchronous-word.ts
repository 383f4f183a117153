/** What a primary says of its own synchronous replication, to everybody and with every datagram. */

export interface SynchronousWord {
  /** `synchronous_standby_names` as the user has it, in force or suspended. Empty: no commit waits for a standby. */
  readonly names: string;
  /** True while it is suspended: commits are acknowledged that no standby has. */
  readonly degraded: boolean;
  /** How many standbys in the set now are no configured nodes: what they have, nobody can ask them. */
  readonly strangers: number;
}

/** A primary of which no commit waits for a standby. */
export const ASYNCHRONOUS: SynchronousWord = { names: '', degraded: false, strangers: 0 };

/** Null stays null. Throws what `wrong` gives where the value is no such word. */
export function parseSynchronousWord(value: unknown, wrong: () => Error): SynchronousWord | null {
  if (value === null) return null;
  if (typeof value !== 'object') throw wrong();
  const { names, degraded, strangers } = value as Partial<Record<keyof SynchronousWord, unknown>>;
  if (typeof names !== 'string' || names.length > MAX_NAMES_LENGTH || typeof degraded !== 'boolean')
    throw wrong();
  if (typeof strangers !== 'number' || !Number.isSafeInteger(strangers) || strangers < 0) throw wrong();
  return { names, degraded, strangers };
}

/** A longer setting is not told to anybody, so that nobody decides by it: it would not fit a datagram. */
export const MAX_NAMES_LENGTH = 400;
