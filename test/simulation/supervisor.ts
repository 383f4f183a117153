/** What starts programs on a simulated host: power, the agent's supervisor, the fuse's supervisor. */
import { Agent } from './agent.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Starts the agent, where the host has one and none runs. */
export function startAgent(world: World, host: Host): void {
  if (!host.powered || host.agent !== null || host.configuration === null) return;
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
  host.server.stopped = false;
  world.ledger.ended(host);
}

export function powerOn(world: World, host: Host): void {
  if (host.powered) return;
  world.say(host, 'power on');
  host.powered = true;
  host.bootedAt = world.now - world.random.between(100, 2_000);
  host.fuse = 'runs';
  host.fuseMissingSince = null;
  host.keepalived = 'runs';
  world.queue.after(world.random.between(200, 4_000), () => startAgent(world, host));
}

export function stopFuse(world: World, host: Host, how: 'stopped' | 'dead'): void {
  host.fuse = how;
  host.fuseMissingSince ??= world.now;
  world.say(host, `fuse ${how}`);
}

export function resumeFuse(world: World, host: Host): void {
  host.fuse = 'runs';
  host.fuseMissingSince = null;
  world.watchGuards(host);
}
