/** What a drill is: a story of faults and waits on a fresh lab, and how the lab must be at its end. */
import type { LabOptions } from '../up/building.ts';
import type { Stage } from './stage.ts';

export interface Drill {
  readonly summary: string;
  /**
   * Strikes, waits for what must come about, mends. What ends it early is thrown. After it, one host alone must be writable with the
   * VIP, every other one must stream from it, no fence may stand and no acknowledged row may be nowhere.
   */
  readonly story: (stage: Stage) => Promise<void>;
  /** Who must be the primary at the end; null: either. */
  readonly endsOn: 'pg1' | 'pg2' | null;
  /** True where the fault itself makes a second primary: else not a moment of two is allowed. */
  readonly twoPrimaries: boolean;
  /** True where commits wait for a standby: then every acknowledged row must be on the primary, a bundle does not do. */
  readonly nothingOnlyInBundles?: boolean;
  /** Where the lab differs from that of `primacy lab up`. */
  readonly lab?: Partial<Pick<LabOptions, 'policy' | 'diskMegabytes' | 'nodes' | 'jitterMs' | 'sync'>>;
}
