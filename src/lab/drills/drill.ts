/** What a drill is: a story of faults and waits in a lab, how the lab must be at its end, and which alerts must have told of it. */
import type { LabOptions } from '../up/building.ts';
import type { Stage } from './stage.ts';

/** An alert that must fire, and must be over once the cluster is whole again. */
export interface ExpectedAlert {
  readonly name: string;
  /** The host it must name; null where it is about the whole cluster. */
  readonly node: string | null;
  /** Seconds from the first fault of the story. */
  readonly within: number;
}

export interface Drill {
  readonly summary: string;
  /**
   * Strikes, waits for what must come about, mends. What ends it early is thrown. After it, one host alone must be writable with the
   * VIP, every other one must stream from it, no fence may stand and no acknowledged row may be nowhere.
   */
  readonly story: (stage: Stage) => Promise<void>;
  /** Who must be the primary at the end; null: either. */
  readonly endsOn: 'pg1' | 'pg2' | 'pg3' | null;
  /** True where the fault itself makes a second primary: else not a moment of two is allowed. */
  readonly twoPrimaries: boolean;
  /** True where commits wait for a standby: then every acknowledged row must be on the primary, a bundle does not do. */
  readonly nothingOnlyInBundles?: boolean;
  /** Each must fire within its bound. */
  readonly alerts?: readonly ExpectedAlert[];
  /** Names of critical alerts that the fault may raise, on any host, without having to: every other one is a false alarm. */
  readonly mayAlert?: readonly string[];
  /** Where the lab differs from that of `primacy lab up`. */
  readonly lab?: Partial<Omit<LabOptions, 'name' | 'agent'>>;
  /** True where what the story takes away is not put back: the next drill gets a lab of its own. */
  readonly spoilsLab?: true;
}
