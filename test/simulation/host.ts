/** One host: power, a clock of its own, what is on its disk and on its tmpfs, its server, and the processes that guard it. */
import type { VoterMemory } from '../../src/core/lease/voter.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { Lineage } from '../../src/node/keeper/lease-view.ts';
import type { Agent } from './agent.ts';
import { Fitness } from './fitness.ts';
import { FakeServer, type Certificate } from './server.ts';
import type { PlannedHost } from './plan.ts';
import type { Configuration } from './terms.ts';

export type ProcessState = 'runs' | 'stopped' | 'dead';

/** The lease file. `until` in milliseconds of the host's clock. */
export interface LeaseFile {
  readonly until: number;
  readonly epoch: number;
}

/** How the disk with the vote takes a write: at once, after seconds, or not at all. */
export type VoteDisk = 'quick' | 'slow' | 'fails';

export class Host {
  readonly name: NodeName;
  readonly kind: 'database' | 'witness';
  readonly priority: number;
  /** How fast its clock runs. */
  readonly rate: number;
  configuration: Configuration | null;
  powered = true;
  bootedAt = 0;
  /** Since when (true time) its hypervisor lets it run no more: its clock and its kernel stand still as well. */
  pausedSince: number | null = null;
  /** True time until which it may act by what it knew before it was paused (PROMISES.md): one lease, and the guards' times. */
  excusedUntil = 0;
  /** What would have happened on it while it was paused. */
  held: (() => void)[] = [];
  /** On disk. */
  memory: VoterMemory;
  voteDisk: VoteDisk = 'quick';
  adopted = true;
  /** True times of failovers of this node that no verified rejoin followed. */
  failovers: number[] = [];
  /** What its keeper's memory keeps on disk of leases that it held. */
  lineage: Lineage = { uuids: new Set(), held: null };
  /** What the primary proved whose lease this node was given, until it is promoted: its WAL is owed; null = it owes none. On disk. */
  owed: Certificate | null = null;
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
  /** What makes it unfit to become primary. */
  readonly fitness: Fitness = new Fitness();
  readonly server: FakeServer = new FakeServer();

  constructor(
    { name, kind, rate }: PlannedHost,
    priority: number,
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

  /** Has power, and its hypervisor lets it run. */
  get runs(): boolean {
    return this.powered && this.pausedSince === null;
  }

  /** CLOCK_BOOTTIME in milliseconds at a true time. */
  clock(at: number): number {
    const shown = this.pausedSince === null || at < this.pausedSince ? at : this.pausedSince;
    return (shown - this.bootedAt) * this.rate;
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
