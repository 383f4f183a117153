/** Replication between fake servers: who receives from whom, and when that ends. */
import type { SynchronousWord } from '../../src/core/model/synchronous-word.ts';
import type { Host } from './host.ts';
import { forkOf } from './server.ts';
import type { World } from './world.ts';

/** Brings one standby's replication up to the moment. */
export function keepStreaming(world: World, host: Host): void {
  const { server } = host;
  if (server.state !== 'recovery' || server.pointsTo === null) return;
  const upstream = world.hostNamed(server.pointsTo);
  if (!flows(world, host, upstream)) {
    server.stopStreaming(world.now);
    return;
  }
  server.follow(upstream.server, world.now);
  server.streamsFrom = upstream.name;
  // Streaming is the verified rejoin that ends the cooldown of a failover.
  if (upstream.failovers.length > 0) upstream.failovers = [];
  world.rows.received(host, upstream);
}

function flows(world: World, host: Host, upstream: Host): boolean {
  const { server } = host;
  return (
    server.answersInRecovery &&
    !server.stopped &&
    upstream.runs &&
    upstream.server.state === 'writable' &&
    !upstream.server.stopped &&
    world.network.connects(host.name, upstream.name) &&
    mayFollow(host, upstream, world.now)
  );
}

/** The same branch, or one that began where this standby had not been yet. */
export function mayFollow(host: Host, upstream: Host, now: number): boolean {
  const [own, other] = [host.server, upstream.server];
  if (own.system !== other.system) return false;
  if (own.history === other.history) return true;
  const fork = forkOf(own.history, other.history);
  return fork !== null && own.walBytes(now) <= fork;
}

/** What a primary of a synchronous cluster says of its commits: any one standby has each of them, or nobody does. */
export function synchronousWord({ databases }: World, degraded: boolean): SynchronousWord {
  const names = databases.map((it) => it.name);
  return { names: `ANY 1 (${names.join()})`, degraded, strangers: 0 };
}

/** Commits wait again as soon as a standby streams, at the agent's look. */
export function keepSynchronous(world: World, host: Host): void {
  const { server } = host;
  if (!world.synchronous || server.state !== 'writable' || !server.waitsForNobody) return;
  const follows = (it: Host): boolean =>
    it.server.state === 'recovery' && it.server.streamsFrom === host.name && it.runs;
  if (world.hosts.some(follows)) server.synchronous = synchronousWord(world, false);
}
