/** What starts programs on a simulated host: power, the agent's supervisor, the fuse's supervisor. */
import { Agent } from './agent.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Of keepalived's script, where the fuse does not look. */
export const SLOWEST_DEAD_MAN_MS = 1_200;

/** Starts the agent, where the host has one and none runs. */
export function startAgent(world: World, host: Host): void {
  if (!host.runs || host.agent !== null || host.configuration === null) return;
  host.agent = new Agent(world, host, host.configuration);
  world.say(host, 'agent started');
}

/** Kills the agent; its supervisor starts it again after a while. */
export function killAgent(world: World, host: Host, forMs: number): void {
  host.agent?.kill();
  world.say(host, 'agent killed');
  world.queue.after(forMs, () => startAgent(world, host));
}

/** An agent that died by itself is started again. */
export function superviseAgents(world: World): void {
  world.queue.after(500, () => {
    for (const host of world.hosts) if (!host.agentHeld) startAgent(world, host);
    superviseAgents(world);
  });
}

/** The power fails: memory, processes, tmpfs and the clock are gone, the disk stays. */
export function powerOff(world: World, host: Host): void {
  if (!host.powered) return;
  world.say(host, 'power off');
  host.agent?.kill();
  host.powered = false;
  host.vip = false;
  host.leaseFile = null;
  host.kernelUntil = 0;
  host.guardWatch += 1;
  host.server.become('none', world.now);
  host.server.endedCleanly = false;
  host.pausedSince = null;
  host.held = [];
  world.ledger.ended(host);
}

/** The hypervisor lets the whole host run no more. */
export function pauseHost(world: World, host: Host): void {
  world.say(host, 'host paused');
  host.server.pause(world.now);
  host.pausedSince = world.now;
}

/** It goes on as if nothing had been: its clock, its kernel and its guards know of no time that passed. */
export function wakeHost(world: World, host: Host): void {
  const { pausedSince } = host;
  if (pausedSince === null) return;
  const { now, terms } = world;
  const pausedMs = now - pausedSince;
  host.pausedSince = null;
  host.bootedAt += pausedMs;
  if (host.kernelUntil > pausedSince) host.kernelUntil += pausedMs;
  if (host.fuseMissingSince !== null) host.fuseMissingSince += pausedMs;
  host.server.resume(now, pausedMs);
  const guardsMs = Math.max(terms.deadManMs, SLOWEST_DEAD_MAN_MS) + terms.marginMs + terms.killMs;
  // A lease that people or an agent had made longer is as long for it as it was.
  const leftMs = (host.leaseFile?.until ?? 0) - host.clock(now);
  const leaseMs = Math.max(terms.leaseMs, host.configuration?.terms.leaseMs ?? 0, leftMs);
  host.excusedUntil = now + (leaseMs + (world.kernelLease ? 0 : guardsMs)) * (1 + terms.driftPercent / 100);
  world.ledger.woke(host, pausedSince);
  world.say(host, `host goes on after ${Math.round(pausedMs)} ms`);
  world.ledger.look(world.hosts);
  for (const run of host.held.splice(0)) world.queue.after(0, run);
  world.watchGuards(host);
  host.agent?.goOn();
}

export function powerOn(world: World, host: Host): void {
  if (host.powered) return;
  world.say(host, 'power on');
  host.powered = true;
  host.bootedAt = world.now - world.random.between(100, 2_000);
  host.fuse = 'runs';
  host.fuseMissingSince = null;
  startKeepalived(host);
  world.queue.after(world.random.between(200, 4_000), () => startAgent(world, host));
}

export function startKeepalived(host: Host): void {
  host.keepalived = 'runs';
  host.fitness.end('no-keepalived');
}

export function stopFuse(world: World, host: Host, how: 'stopped' | 'dead'): void {
  host.fuse = how;
  host.fuseMissingSince ??= world.now;
  host.agent?.wake();
  world.say(host, `fuse ${how}`);
}

export function resumeFuse(world: World, host: Host): void {
  host.fuse = 'runs';
  host.fuseMissingSince = null;
  world.watchGuards(host);
}
