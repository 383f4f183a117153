/** Some lease machines on one clock, whose datagrams arrive at once or not at all, and whose memories survive a restart. */
import type { Effects } from '../../src/core/lease/effects.ts';
import { LeaseNode } from '../../src/core/lease/lease-node.ts';
import type { Unexpired } from '../../src/core/lease/resume.ts';
import type { LeaseConfig } from '../../src/core/lease/lease.ts';
import type { LeaseMessage } from '../../src/core/lease/message.ts';
import { NO_MEMORY, type VoterMemory } from '../../src/core/lease/voter.ts';
import type { NodeName } from '../../src/core/model/names.ts';

export const A: NodeName = 'a' as NodeName;
export const B: NodeName = 'b' as NodeName;
export const W: NodeName = 'w' as NodeName;
export const X: NodeName = 'x' as NodeName;
export const Y: NodeName = 'y' as NodeName;

export function configFor(
  self: NodeName,
  voters: readonly NodeName[],
  change: Partial<LeaseConfig> = {},
): LeaseConfig {
  return {
    self,
    voters,
    digest: voters.join(),
    renewMs: 250,
    leaseMs: 1_600,
    waitMs: 2_700,
    clockDriftPercent: 1,
    ...change,
  };
}

export class LeaseCluster {
  now = 10_000;
  readonly nodes: Map<NodeName, LeaseNode<string>> = new Map();
  readonly disks: Map<NodeName, VoterMemory> = new Map();
  /** How often each node wrote to its disk. */
  readonly writes: Map<NodeName, number> = new Map();
  /** Nodes that nobody hears and that hear nobody. */
  readonly cutOff: Set<NodeName> = new Set();
  #uuids = 0;

  constructor(voters: readonly NodeName[] = [A, B, W]) {
    for (const name of voters) this.start(name, configFor(name, voters));
  }

  /** Starts a node, or starts it again, with what is on its disk. */
  start(name: NodeName, config: LeaseConfig, unexpired: Unexpired | null = null): LeaseNode<string> {
    const uuid = (): string => `u${(this.#uuids += 1)}`;
    const memory = this.disks.get(name) ?? NO_MEMORY;
    const node = new LeaseNode<string>(config, memory, `report of ${name}`, this.now, uuid, unexpired);
    this.nodes.set(name, node);
    return node;
  }

  node(name: NodeName): LeaseNode<string> {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  /** Writes to disk, then delivers, with all answers and their consequences. */
  do(from: NodeName, { persist, send }: Effects<string>): void {
    if (persist !== null) {
      this.disks.set(from, persist);
      this.writes.set(from, (this.writes.get(from) ?? 0) + 1);
    }
    for (const { to, message } of send) this.deliver(to, message);
  }

  deliver(to: NodeName, message: LeaseMessage<string>): void {
    const node = this.nodes.get(to);
    if (node === undefined || this.cutOff.has(to) || this.cutOff.has(message.from)) return;
    this.do(to, node.receive(message, this.now));
  }

  /** Lets time pass in steps of 50 ms, with every node looking at each. */
  pass(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end;) {
      this.now = Math.min(end, this.now + 50);
      for (const [name, node] of this.nodes) this.do(name, node.tick(this.now));
    }
  }

  claim(name: NodeName, limitMs = 1_000, adoption = false): void {
    this.do(name, this.node(name).claim(this.now, limitMs, adoption));
    this.pass(50);
  }

  override(name: NodeName, forMs: number): void {
    this.do(name, this.node(name).override(this.now + forMs, this.now));
    this.pass(50);
  }

  isOverridden(name: NodeName): boolean {
    const { holder } = this.node(name);
    return holder.kind === 'holding' && holder.override !== null;
  }

  isEntitled(name: NodeName): boolean {
    return this.nodes.get(name)?.entitledUntil(this.now) !== null;
  }

  /** The cluster's first lease, for `a`. */
  adopt(): this {
    this.claim(A, 1_000, true);
    this.pass(1_000);
    return this;
  }
}

/** `a` held the first epoch; since then `b` has heard nobody, for longer than any wait. */
export function withoutOthers(voters: readonly NodeName[] = [A, B, W]): LeaseCluster {
  const cluster = new LeaseCluster(voters).adopt();
  for (const name of voters) if (name !== B) cluster.cutOff.add(name);
  cluster.pass(5_000);
  return cluster;
}
