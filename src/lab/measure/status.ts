/** What every host of a lab is at this moment; who is writable comes from the probe, the VIP from the kernel, the rest from `observe`. */
import { valueOr, type Known } from '../../core/model/known.ts';
import type { KeepalivedObservation, NodeObservation } from '../../core/model/observation.ts';
import type { Role } from '../../core/model/role.ts';
import { hostInit } from '../hosts/processes.ts';
import { readLabState } from '../state.ts';
import { topologyOf, type HostKind, type LabHost, type Topology } from '../topology.ts';
import { holdsAddress } from './addresses.ts';
import { readBeats, writableNow } from './beats.ts';
import { observeHost } from './observation.ts';

/** Null where a host has no such part. */
export interface HostStatus {
  readonly name: string;
  readonly kind: HostKind;
  readonly address: string;
  readonly powered: boolean;
  readonly agent: boolean | null;
  readonly role: Role | null;
  readonly timeline: number | null;
  /** Of the newest lease that this node knows of. */
  readonly epoch: number | null;
  readonly streamingFrom: string | null;
  readonly holdsVip: boolean | null;
  readonly vrrp: 'MASTER' | 'BACKUP' | 'FAULT' | 'down' | 'unknown' | null;
  readonly fenced: boolean | null;
}

export interface LabStatus {
  readonly name: string;
  readonly vip: string;
  /** Null, like the two after it, in a lab of `--no-agent`. */
  readonly page: string | null;
  readonly prometheus: string | null;
  readonly alertmanager: string | null;
  readonly writable: readonly string[];
  readonly hosts: readonly HostStatus[];
}

/** Looks at every host at once. */
export async function labStatus(name: string): Promise<LabStatus> {
  const state = await readLabState(name);
  const topology = topologyOf(name, state.nodes, state.witness);
  const hosts = await Promise.all(topology.hosts.map((host) => hostStatus(name, host, topology)));
  const { vip, page, prometheus, alertmanager } = state;
  const writable = writableNow(await readBeats(name), Date.now());
  return { name, vip, page, prometheus, alertmanager, writable, hosts };
}

async function hostStatus(lab: string, host: LabHost, topology: Topology): Promise<HostStatus> {
  const init = await hostInit(lab, host.name);
  const nothing: HostStatus = {
    name: host.name,
    kind: host.kind,
    address: host.addresses[0],
    powered: init !== null,
    agent: null,
    role: null,
    timeline: null,
    epoch: null,
    streamingFrom: null,
    holdsVip: await holdsAddress(lab, host.name, topology.vip),
    vrrp: null,
    fenced: null,
  };
  if (host.kind === 'monitor' || host.kind === 'client') return nothing;
  if (init === null)
    return host.kind === 'witness' ? { ...nothing, agent: false } : { ...nothing, ...POWERED_OFF };
  const seen = await observeHost(init);
  if (seen.kind === 'unknown') {
    return host.kind === 'witness' ? nothing : { ...nothing, role: 'unknown', vrrp: 'unknown' };
  }
  return { ...nothing, ...fromObservation(seen.value, topology) };
}

const POWERED_OFF = { agent: false, role: 'down', vrrp: 'down' } as const;

function fromObservation(seen: NodeObservation, topology: Topology): Partial<HostStatus> {
  const agent = valueOr(seen.agentRunning, null);
  const epoch = valueOr(seen.lease, null)?.epoch ?? null;
  if (seen.postgres === null) return { agent, epoch };
  const receiver = valueOr(seen.postgres.receiver, null);
  const streaming = receiver?.status === 'streaming' ? receiver.senderHost : null;
  const fence = seen.fence;
  return {
    agent,
    epoch,
    role: seen.postgres.role,
    timeline: valueOr(seen.postgres.timeline, null),
    streamingFrom:
      topology.hosts.find((host) => host.addresses.some((it) => it === streaming))?.name ?? streaming,
    vrrp: vrrpOf(seen.keepalived),
    fenced: fence.kind === 'known' ? fence.value !== null : null,
  };
}

function vrrpOf(keepalived: Known<KeepalivedObservation> | null): HostStatus['vrrp'] {
  if (keepalived === null) return null;
  if (keepalived.kind === 'unknown') return 'unknown';
  if (!keepalived.value.running) return 'down';
  const state = valueOr(keepalived.value.vrrpState, 'unknown');
  return state === 'INIT' ? 'unknown' : state;
}
