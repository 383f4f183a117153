/** Faults of whole hosts: power, the hypervisor, the disk with the vote, and what makes a node unfit to take over. */
import { FLAWS, type Flaw } from './fitness.ts';
import { NOTHING, type Begin } from './network-faults.ts';
import { pauseHost, powerOff, powerOn, startAgent, wakeHost } from './supervisor.ts';

/** Begins this flaw on a database node. */
function flaw(which: Flaw): Begin {
  return (world, victim) => {
    if (victim.kind !== 'database' || !victim.fitness.begin(which, world.now)) return null;
    return () => victim.fitness.end(which);
  };
}

/** keepalived has a fault of its own, in which its script does not run either. */
const FLAW_FAULTS = Object.fromEntries(
  FLAWS.filter((it) => it !== 'no-keepalived').map((it) => [`unfit: ${it}`, flaw(it)]),
);

export const HOST_FAULTS: Readonly<Record<string, Begin>> = {
  ...FLAW_FAULTS,
  'power off': (world, victim, random) => {
    powerOff(world, victim);
    return () => {
      powerOn(world, victim);
      if (victim.kind === 'database' && random.chance(0.5)) world.startServer(victim);
    };
  },
  'power off everywhere': (world, _, random) => {
    const hosts = random.shuffle(world.hosts);
    for (const host of hosts) powerOff(world, host);
    return () => {
      for (const host of hosts) world.queue.after(random.edgy(0, 6_000), () => powerOn(world, host));
    };
  },
  'pause host': (world, victim) => {
    if (!victim.runs) return null;
    pauseHost(world, victim);
    const { pausedSince } = victim;
    return () => {
      if (victim.pausedSince === pausedSince) wakeHost(world, victim);
    };
  },
  'slow vote disk': (_world, victim) => {
    if (victim.voteDisk !== 'quick') return null;
    victim.voteDisk = 'slow';
    return () => {
      victim.voteDisk = 'quick';
    };
  },
  'failing vote disk': (_world, victim) => {
    if (victim.voteDisk !== 'quick') return null;
    victim.voteDisk = 'fails';
    return () => {
      victim.voteDisk = 'quick';
    };
  },
  'disk of a witness replaced': (world, victim) => {
    if (victim.kind !== 'witness' || victim.agentHeld || world.now < world.disksLastUntil) return null;
    // One voter that forgot is what the rules allow for; it has learnt again long before the next one.
    world.disksLastUntil = world.now + 120_000;
    victim.agent?.kill();
    victim.memory = world.subject.NO_MEMORY;
    startAgent(world, victim);
    return NOTHING;
  },
};
