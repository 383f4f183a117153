/** Does what a duty asks for in the fake world: claims, transfers, promotes, fences, joins, each step by step. */
import type { Duty } from '../../src/core/guard/duty.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { Agent } from './agent.ts';
import { mayFollow } from './streaming.ts';
import { isExposed } from './world.ts';

const CLAIM_MS = 1_000;
const TRANSFER_MS = 2_000;

/** One thing at a time; only fencing comes before whatever is under way. */
export function act(agent: Agent, duty: Duty): void {
  if (duty.kind === 'fence') {
    if (agent.action !== 'fence') fence(agent);
    return;
  }
  if (agent.action !== null) return;
  switch (duty.kind) {
    case 'observe':
    case 'hold':
    case 'wait':
      return;
    case 'step-down':
      stepDown(agent, duty.cause === 'dead', duty.successor);
      return;
    case 'promote-here':
      promote(agent);
      return;
    case 'take-over':
      takeOver(agent);
      return;
    case 'succeed':
      claim(agent, false, () => {
        agent.host.failovers.push(agent.world.now);
        rescue(agent);
      });
      return;
    case 'adopt-lease':
      claim(agent, true, () => end(agent));
      return;
    case 'reclaim':
      claim(agent, false, () => end(agent));
      return;
    case 'start':
      agent.world.startServer(agent.host);
      return;
    case 'follow':
      agent.host.server.pointsTo = duty.holder;
      return;
    case 'join':
      join(agent, duty.holder);
      return;
  }
}

/** Claims, and promotes where a majority granted it. */
export function takeOver(agent: Agent): void {
  claim(agent, false, () => {
    agent.host.failovers.push(agent.world.now);
    promote(agent);
  });
}

function end(agent: Agent): void {
  agent.action = null;
}

function fence(agent: Agent): void {
  const { world, host } = agent;
  agent.action = 'fence';
  agent.later(world.random.edgy(0, world.limit(world.terms.killMs)), () => {
    end(agent);
    host.vip = false;
    if (isExposed(host) && agent.machine.entitledUntil(agent.clock) === null) world.endServer(host, false);
  });
}

function claim(agent: Agent, adoption: boolean, granted: () => void): void {
  agent.action = 'claim';
  const { host, machine } = agent;
  const before = machine.memory.lease?.uuid ?? '';
  agent.use((it, clock) => {
    const effects = it.claim(clock, CLAIM_MS, adoption);
    // A claim in vain that continues a lease of this node's own still says that nobody was primary since.
    const { holder } = it;
    if (holder.kind === 'claiming' && host.lineage.has(before)) host.lineage.add(holder.lease.uuid);
    return effects;
  });
  const look = (): void => {
    const { kind } = machine.holder;
    if (agent.action !== 'claim') return;
    if (kind === 'holding' && machine.entitledUntil(agent.clock) !== null) granted();
    else if (kind === 'claiming') agent.later(5, look);
    else end(agent);
  };
  agent.later(5, look);
}

function rescue(agent: Agent): void {
  agent.action = 'rescue';
  agent.later(agent.world.random.edgy(0, 500), () => promote(agent));
}

function promote(agent: Agent): void {
  const { world, host } = agent;
  agent.action = 'promote';
  if (agent.machine.entitledUntil(agent.clock) !== null) world.promoteServer(host);
  const look = (): void => {
    if (agent.action !== 'promote') return;
    if (host.server.promoting) agent.later(10, look);
    else end(agent);
  };
  agent.later(10, look);
}

/** Ends the server where it lives, proves its death, and gives the lease away; where nobody is ready it is started again. */
function stepDown(agent: Agent, dead: boolean, successor: NodeName | null): void {
  const { world, host } = agent;
  agent.action = 'step-down';
  const effortMs = dead ? world.random.between(5, 60) : world.random.between(50, 1_500);
  agent.later(effortMs, () => {
    world.endServer(host, false);
    if (host.server.state !== 'none' || successor === null) {
      world.startServer(host);
      end(agent);
      return;
    }
    host.server.locked = true;
    agent.later(world.random.between(1, 10), () => giveTo(agent, successor));
  });
}

function giveTo(agent: Agent, successor: NodeName): void {
  const { host, machine } = agent;
  const unlock = (): void => {
    host.server.locked = false;
    end(agent);
  };
  if (machine.entitledUntil(agent.clock) === null) {
    unlock();
    return;
  }
  agent.use((it, clock) => {
    agent.renounce();
    return it.transfer(successor, 'proof', clock, TRANSFER_MS);
  });
  const look = (): void => {
    if (machine.holder.kind === 'transferring') agent.later(10, look);
    else unlock();
  };
  agent.later(10, look);
}

/** A rewind, or only a start where this server never left the holder's branch. */
function join(agent: Agent, holder: NodeName): void {
  const { world, host } = agent;
  agent.action = 'join';
  const upstream = world.hostNamed(holder);
  const rewinds = !mayFollow(host, upstream, world.now);
  agent.later(rewinds ? world.random.between(500, 3_000) : 20, () => {
    end(agent);
    const reached = upstream.powered && world.network.connects(host.name, holder);
    if (upstream.server.state !== 'writable' || !reached || isExposed(host)) return;
    if (rewinds) {
      world.endServer(host, true);
      host.server.copyFrom(upstream.server, world.now);
    }
    host.server.pointsTo = holder;
    world.startServer(host);
  });
}
