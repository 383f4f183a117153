/** One host: power, a clock of its own, what is on its disk and on its tmpfs, its server, and the processes that guard it. */
import type { VoterMemory } from '../../src/core/lease/voter.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { NodeReport } from '../../src/core/model/node-report.ts';
import type { Agent } from './agent.ts';
import { FakeServer } from './server.ts';
import type { Configuration } from './terms.ts';

export type ProcessState = 'runs' | 'stopped' | 'dead';

/** The lease file. `until` in milliseconds of the host's clock. */
export interface LeaseFile {
  readonly until: number;
  readonly epoch: number;
}

export class Host {
  readonly name: NodeName;
  readonly kind: 'database' | 'witness';
  readonly priority: number;
  /** How fast its clock runs. */
  readonly rate: number;
  configuration: Configuration | null;
  powered = true;
  bootedAt = 0;
  /** On disk. */
  memory: VoterMemory;
  adopted = true;
  /** True times of failovers of this node that no verified rejoin followed. */
  failovers: number[] = [];
  /** What the others last said of themselves as primaries. `at` by the clock that this host had then. */
  readonly lastPrimaries: Map<NodeName, { readonly report: NodeReport; readonly at: number }> = new Map();
  /** Leases that a majority granted to this node, by uuid, and claims in vain that continued them. */
  readonly lineage: Set<string> = new Set();
  /** Its agent dies while it writes its memory the next time. */
  diesAtPersist = false;
  /** Nobody starts its agent for now. */
  agentHeld = false;
  /** Which of the two was disturbed lately, and until when (true time) the other must be left alone. */
  disturbed: { readonly what: 'agent' | 'fuse'; readonly until: number } | null = null;
  /** On tmpfs. */
  leaseFile: LeaseFile | null = null;
  /** True time until which the kernel lets client traffic pass. */
  kernelUntil = 0;
  agent: Agent | null = null;
  fuse: ProcessState = 'runs';
  fuseMissingSince: number | null = null;
  /** keepalived, and with it its dead-man script. */
  keepalived: ProcessState = 'runs';
  /** Counts the watches of the guards: an older one is void. */
  guardWatch = 0;
  vip = false;
  readonly server: FakeServer = new FakeServer();

  constructor(
    name: NodeName,
    kind: 'database' | 'witness',
    priority: number,
    rate: number,
    memory: VoterMemory,
    configuration: Configuration | null,
  ) {
    this.name = name;
    this.kind = kind;
    this.priority = priority;
    this.rate = rate;
    this.memory = memory;
    this.configuration = configuration;
  }

  /** CLOCK_BOOTTIME in milliseconds at a true time. */
  clock(at: number): number {
    return (at - this.bootedAt) * this.rate;
  }

  /** The true time at which this host's clock shows `clock`. */
  trueTime(clock: number): number {
    return clock / this.rate + this.bootedAt;
  }

  /** The rule of all local fences: the file names this node and its deadline has not passed. */
  hasLease(now: number): boolean {
    return this.leaseFile !== null && this.leaseFile.until > this.clock(now);
  }
}
