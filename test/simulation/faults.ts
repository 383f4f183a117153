/** What can go wrong in the simulated world: each fault begins, and tells how it is mended. */
import { GUARD_FAULTS } from './guard-faults.ts';
import type { Host } from './host.ts';
import { HOST_FAULTS } from './host-faults.ts';
import { NETWORK_FAULTS, NOTHING, type Begin } from './network-faults.ts';
import { PEOPLE } from './people.ts';
import { FOREIGN_SYSTEM } from './server.ts';

/** Of the host's kind, for what happens to a server. */
const isDatabase = (host: Host): boolean => host.kind === 'database';

const SERVER_FAULTS: Readonly<Record<string, Begin>> = {
  'kill postmaster': (world, victim, random) => {
    if (victim.server.state !== 'writable') return null;
    if (random.chance(0.4)) world.orphanServer(victim);
    else world.endServer(victim, false);
    return NOTHING;
  },
  'kill standby': (world, victim) => {
    if (victim.server.state !== 'recovery') return null;
    world.endServer(victim, false);
    return NOTHING;
  },
  'stop postgres': (world, victim) => {
    const { server } = victim;
    if (server.state !== 'writable' || server.stopped) return null;
    server.setStopped(true, world.now);
    return () => {
      if (server.stopped) server.setStopped(false, world.now);
      world.ledger.look(world.hosts);
    };
  },
  'disk full': (world, victim) => {
    const { server } = victim;
    if (server.state !== 'writable' || server.cannotWriteSince !== null) return null;
    server.setCannotWrite(true, world.now);
    return () => {
      server.setCannotWrite(false, world.now);
      world.ledger.look(world.hosts);
    };
  },
  'data of another cluster': (world, victim) => {
    const { server } = victim;
    if (server.state !== 'recovery' || server.system === FOREIGN_SYSTEM) return null;
    world.endServer(victim, true);
    const own = server.system;
    server.system = FOREIGN_SYSTEM;
    world.startServer(victim);
    return () => {
      if (server.system === FOREIGN_SYSTEM) server.system = own;
    };
  },
  'blind start': (world, victim) => (isDatabase(victim) && world.startServer(victim) ? NOTHING : null),
};

export const FAULTS: Readonly<Record<string, Begin>> = {
  ...SERVER_FAULTS,
  ...GUARD_FAULTS,
  ...HOST_FAULTS,
  ...PEOPLE,
  ...NETWORK_FAULTS,
};
