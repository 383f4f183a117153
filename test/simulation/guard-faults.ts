/** Faults of the programs that guard a node: its agent, its fuse, keepalived. */
import type { Host } from './host.ts';
import { isolation, NOTHING, type Begin, type Mend } from './network-faults.ts';
import { killAgent, resumeFuse, startAgent, startKeepalived, stopFuse } from './supervisor.ts';
import type { World } from './world.ts';

function stopAgent(world: World, victim: Host): Mend {
  const { agent } = victim;
  agent?.stop();
  world.say(victim, 'agent stopped');
  return () => agent?.resume();
}

/** Without the kernel's part of the lease an agent and its fuse must not both be away: nothing else would keep the dead-man's time. */
function mayDisturb(world: World, victim: Host, what: 'agent' | 'fuse'): boolean {
  if (world.kernelLease) return true;
  if (victim.disturbed !== null && victim.disturbed.what !== what && world.now < victim.disturbed.until)
    return false;
  victim.disturbed = { what, until: Number.POSITIVE_INFINITY };
  return true;
}

function calmDown(world: World, victim: Host, mend: Mend): Mend {
  return () => {
    mend();
    // The agent notices a missing fuse only after its patience, and a successor takes its time.
    if (victim.disturbed !== null) victim.disturbed = { ...victim.disturbed, until: world.now + 20_000 };
  };
}

export const GUARD_FAULTS: Readonly<Record<string, Begin>> = {
  'kill agent': (world, victim, random) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    killAgent(world, victim, random.edgy(50, 6_000));
    return calmDown(world, victim, NOTHING);
  },
  'kill agent while it writes': (world, victim) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    victim.diesAtPersist = true;
    return calmDown(world, victim, () => {
      victim.diesAtPersist = false;
    });
  },
  'stop agent': (world, victim) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    return calmDown(world, victim, stopAgent(world, victim));
  },
  'stop agent and isolate': (world, victim, random) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    const mends = [stopAgent(world, victim), isolation(world, victim)];
    return calmDown(world, victim, () => {
      for (const mend of random.shuffle(mends)) mend();
    });
  },
  'kill agent and isolate': (world, victim) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    const mend = isolation(world, victim);
    victim.agentHeld = true;
    killAgent(world, victim, 60_000);
    return calmDown(world, victim, () => {
      mend();
      victim.agentHeld = false;
      startAgent(world, victim);
    });
  },
  'kill all guards and isolate': (world, victim) => {
    if (!world.kernelLease) return null;
    const mend = isolation(world, victim);
    victim.agentHeld = true;
    killAgent(world, victim, 60_000);
    stopFuse(world, victim, 'dead');
    victim.keepalived = 'dead';
    victim.fitness.begin('no-keepalived', world.now);
    return () => {
      mend();
      victim.agentHeld = false;
      startKeepalived(victim);
      resumeFuse(world, victim);
      startAgent(world, victim);
    };
  },
  'kill fuse': (world, victim, random) => {
    if (!mayDisturb(world, victim, 'fuse')) return null;
    stopFuse(world, victim, 'dead');
    world.queue.after(random.edgy(200, 1_500), () => resumeFuse(world, victim));
    return calmDown(world, victim, NOTHING);
  },
  'stop fuse': (world, victim) => {
    if (!mayDisturb(world, victim, 'fuse')) return null;
    stopFuse(world, victim, 'stopped');
    return calmDown(world, victim, () => resumeFuse(world, victim));
  },
  'kill keepalived': (world, victim) => {
    if (!victim.fitness.begin('no-keepalived', world.now)) return null;
    victim.keepalived = 'dead';
    return () => startKeepalived(victim);
  },
};
