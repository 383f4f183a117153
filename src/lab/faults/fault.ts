/** What a fault of the lab is: something done to one host, and how it is undone where that is possible. */
import type { Config } from '../../config/schema.ts';
import type { LabState } from '../state.ts';
import type { LabHost, Topology } from '../topology.ts';

/** Hosts that are meant by faults of a primary and of a standby where none is named. */
export const PRIMARY = 'pg1';
export const STANDBY = 'pg2';

export interface FaultTarget {
  readonly state: LabState;
  readonly topology: Topology;
  readonly config: Config;
  readonly host: LabHost;
  /** Hosts named with `--with`. */
  readonly others: readonly string[];
}

export interface Fault {
  readonly summary: string;
  /** Host that is meant where none is named. */
  readonly defaultHost: string;
  readonly strike: (target: FaultTarget) => Promise<void>;
  /** Null where nothing can undo it: then it is the product's work, or an operator's. */
  readonly mend: ((target: FaultTarget) => Promise<void>) | null;
}
