/** What a scrape saw of the lease and of the other voters. */

export interface LeaseView {
  /** Epoch of the newest lease that this voter knows; null where it knows none. */
  readonly epoch: number | null;
  /** How long this node is still entitled for; null where it is not. */
  readonly remainingMs: number | null;
  /** When the override under which it is ends at the latest, seconds since 1970 by this host's clock; null where it is under none. */
  readonly overrideUntil: number | null;
  /** When the pause that this voter has in writing ends by itself, seconds since 1970 by its holder's clock; null where there is none. */
  readonly pauseUntil: number | null;
  /**
   * Every other voter, whether a word of it came within the length of a lease, and whether it last asked with the same voters and
   * timings as this node has; null before it asked.
   */
  readonly contacts: readonly {
    readonly peer: string;
    readonly contact: boolean;
    readonly agrees: boolean | null;
  }[];
  /** Answers of this voter, by verdict: every verdict there is. */
  readonly votes: ReadonlyMap<string, number>;
  /** Requests and datagrams that were refused, by reason: every reason there is. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Why this voter's memory cannot be trusted, so that it grants nothing; null where all is well. */
  readonly memoryBroken: string | null;
  /** Why the machine stands still (a disk that does not take the memory); null while it runs. It begins again by itself. */
  readonly stopped: string | null;
}
