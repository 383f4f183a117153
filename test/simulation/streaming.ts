/** Replication between fake servers: who receives from whom, and when that ends. */
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Brings one standby's replication up to the moment. */
export function keepStreaming(world: World, host: Host): void {
  const { server } = host;
  if (server.state !== 'recovery' || server.pointsTo === null) return;
  const upstream = world.hostNamed(server.pointsTo);
  const flows =
    server.answersInRecovery &&
    !server.stopped &&
    upstream.powered &&
    upstream.server.state === 'writable' &&
    !upstream.server.stopped &&
    world.network.connects(host.name, upstream.name) &&
    mayFollow(host, upstream, world.now);
  if (!flows) {
    server.stopStreaming(world.now);
    return;
  }
  server.timeline = upstream.server.timeline;
  server.history = upstream.server.history;
  server.streamsFrom = upstream.name;
  server.receive(upstream.server.walBytes(world.now), world.now);
  // Streaming is the verified rejoin that ends the cooldown of a failover.
  if (upstream.failovers.length > 0) upstream.failovers = [];
}

/** The same branch, or one that began where this standby had not been yet. */
export function mayFollow(host: Host, upstream: Host, now: number): boolean {
  const [own, other] = [host.server, upstream.server];
  if (own.history === other.history) return true;
  if (!other.history.startsWith(`${own.history}/`)) return false;
  const [, forked] = /^\/[^@]+@(\d+)/.exec(other.history.slice(own.history.length)) ?? [];
  return own.walBytes(now) <= Number(forked);
}
