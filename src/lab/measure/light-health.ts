/** Whether a lab's cluster is whole, by what the probe records alone: nothing is started in a host, so it can be asked all the time. */
import type { LabState } from '../state.ts';
import { databaseHosts, type Topology } from '../topology.ts';
import { readBeats, writableNow, type Beat } from './beats.ts';
import { groundAt, readGround, type GroundChange } from './ground.ts';

/** Null where the cluster is whole at this moment, else what is wrong. */
export async function healthOf(state: LabState, topology: Topology): Promise<string | null> {
  return wholeness(topology, await readBeats(state.name), await readGround(state.name), Date.now());
}

/** Null where one host is writable, it alone has the VIP, every other database streams from it, and no fence marker stands. */
export function wholeness(
  topology: Topology,
  beats: readonly Beat[],
  ground: readonly GroundChange[],
  at: number,
): string | null {
  const [primary, ...others] = writableNow(beats, at);
  if (primary === undefined) return 'no host is writable';
  if (others.length > 0) return `${[primary, ...others].join(' and ')} are writable`;
  const hosts = databaseHosts(topology);
  const holders = hosts.filter((host) => groundAt(ground, host.name, 'vip', at) === '1').map((it) => it.name);
  if (holders.join() !== primary)
    return `the VIP is on ${holders.join(' and ') || 'no host'}, writable is ${primary}`;
  const addresses: readonly string[] = hosts.find((host) => host.name === primary)?.addresses ?? [];
  for (const { name } of hosts) {
    if (groundAt(ground, name, 'fence', at) !== '') return `${name} is fenced`;
    const source = groundAt(ground, name, 'source', at);
    if (name !== primary && !addresses.includes(source)) return `${name} streams from ${source || 'nobody'}`;
  }
  return null;
}
