/** What can go wrong in the simulated world: each fault begins, and tells how it is mended. */
import { takeOver } from './act.ts';
import type { Host } from './host.ts';
import { isolation, NETWORK_FAULTS, NOTHING, type Begin, type Mend } from './network-faults.ts';
import { killAgent, powerOff, powerOn, resumeFuse, startAgent, stopFuse } from './supervisor.ts';
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

const isDatabase = (host: Host): boolean => host.kind === 'database';

export const FAULTS: Readonly<Record<string, Begin>> = {
  'kill postmaster': (world, victim) => {
    if (victim.server.state !== 'writable') return null;
    if (world.random.chance(0.4)) world.orphanServer(victim);
    else world.endServer(victim, false);
    return NOTHING;
  },
  'stop postgres': (world, victim) => {
    const { server } = victim;
    if (server.state !== 'writable') return null;
    server.stopped = true;
    server.stoppedSince = world.now;
    return () => {
      server.stopped = false;
      world.ledger.look(world.hosts);
    };
  },
  'disk full': (world, victim) => {
    if (victim.server.state !== 'writable') return null;
    victim.server.cannotWriteSince = world.now;
    return () => {
      victim.server.cannotWriteSince = null;
      world.ledger.look(world.hosts);
    };
  },
  'restart by a colleague': (world, victim) => {
    if (victim.server.state !== 'writable') return null;
    world.endServer(victim, true);
    world.queue.after(world.random.between(50, 1_500), () => world.startServer(victim));
    return NOTHING;
  },
  'stop by a colleague': (world, victim) => {
    if (!isDatabase(victim)) return null;
    world.endServer(victim, true);
    return NOTHING;
  },
  'blind start': (world, victim) => (isDatabase(victim) && world.startServer(victim) ? NOTHING : null),
  'promotion by hand': (world, victim) => {
    if (victim.server.state !== 'recovery') return null;
    world.promoteServer(victim);
    return NOTHING;
  },
  'power off': (world, victim) => {
    powerOff(world, victim);
    return () => {
      powerOn(world, victim);
      if (isDatabase(victim) && world.random.chance(0.5)) world.startServer(victim);
    };
  },
  'kill agent': (world, victim) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    killAgent(world, victim, world.random.edgy(50, 6_000));
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
  'stop agent and isolate': (world, victim) => {
    if (!mayDisturb(world, victim, 'agent')) return null;
    const mends = [stopAgent(world, victim), isolation(world, victim)];
    return calmDown(world, victim, () => {
      for (const mend of world.random.shuffle(mends)) mend();
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
    return () => {
      mend();
      victim.agentHeld = false;
      victim.keepalived = 'runs';
      resumeFuse(world, victim);
      startAgent(world, victim);
    };
  },
  'kill fuse': (world, victim) => {
    if (!mayDisturb(world, victim, 'fuse')) return null;
    stopFuse(world, victim, 'dead');
    world.queue.after(world.random.edgy(200, 1_500), () => resumeFuse(world, victim));
    return calmDown(world, victim, NOTHING);
  },
  'stop fuse': (world, victim) => {
    if (!mayDisturb(world, victim, 'fuse')) return null;
    stopFuse(world, victim, 'stopped');
    return calmDown(world, victim, () => resumeFuse(world, victim));
  },
  // The lease must hold whoever asks for it, and whenever: here without any of the keeper's own checks.
  'impatient claim': (world, victim) => {
    const candidates = world.hosts.filter((it) => it.kind === 'database' && it.server.state === 'recovery');
    const agents = candidates.flatMap((it) =>
      it.agent?.state === 'runs' && it.agent.action === null ? [it.agent] : [],
    );
    if (agents.length === 0) return null;
    const agent = world.random.pick(agents);
    world.say(agent.host, `claims beside ${victim.name}`);
    takeOver(agent);
    return NOTHING;
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
  'kill keepalived': (_world, victim) => {
    victim.keepalived = 'dead';
    return () => {
      victim.keepalived = 'runs';
    };
  },
  ...NETWORK_FAULTS,
};
