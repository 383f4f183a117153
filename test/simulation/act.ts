/** Does what a duty asks for in the fake world: claims, transfers, promotes, fences, joins, each step by step. */
import type { Duty } from '../../src/core/guard/duty.ts';
import { judgeGap } from '../../src/core/guard/judge-synchronous.ts';
import type { Lsn } from '../../src/core/model/lsn.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { Agent } from './agent.ts';
import { judgePromotion } from './promotions.ts';
import { gapOf } from './evidence.ts';
import { GAP_KNOWN } from './rows.ts';
import { SYSTEM, type Certificate } from './server.ts';
import type { Host } from './host.ts';
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
      judgePromotion(agent, 'holder-in-recovery');
      if (agent.host.owed === null) promote(agent, 'holder in recovery');
      else rescue(agent, agent.host.owed);
      return;
    case 'take-over':
      judgePromotion(agent, 'silence');
      takeOver(agent, 'silence');
      return;
    case 'succeed': {
      judgePromotion(agent, 'certain-death');
      const owed = agent.machine.bequest?.proof as Certificate;
      agent.host.owed = owed;
      claim(agent, false, () => {
        agent.host.failovers.push(agent.world.now);
        rescue(agent, owed);
      });
      return;
    }
    case 'adopt-lease':
      claim(agent, true, () => end(agent));
      return;
    case 'reclaim':
      reclaim(agent);
      return;
    case 'start':
      // What a person has half done nobody starts.
      if (!agent.host.fitness.has('work')) agent.world.startServer(agent.host);
      return;
    case 'follow':
      agent.host.server.pointsTo = duty.holder;
      return;
    case 'join':
      join(agent, duty.holder);
      return;
  }
}

/** Claims, and promotes where a majority granted it. `how`: the keeper's decision in a word; null = it was not asked. */
export function takeOver(agent: Agent, how: string | null): void {
  agent.host.owed = null;
  claim(agent, false, () => {
    agent.host.failovers.push(agent.world.now);
    promote(agent, how);
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

/** A claim in vain that continues a lease of this node's own still says that nobody was primary since. */
function reclaim(agent: Agent): void {
  const { host, machine } = agent;
  claim(agent, false, () => end(agent));
  const { holder } = machine;
  if (holder.kind !== 'claiming') return;
  host.lineage = { ...host.lineage, uuids: new Set([...host.lineage.uuids, holder.lease.uuid]) };
}

function claim(agent: Agent, adoption: boolean, granted: () => void): void {
  agent.action = 'claim';
  const { machine } = agent;
  // What is being written comes first.
  let claimed = false;
  agent.voting.use((it, clock) => {
    claimed = true;
    return it.claim(clock, CLAIM_MS, adoption);
  });
  const giveUpAt = agent.world.now + CLAIM_MS;
  const look = (): void => {
    const { kind } = machine.holder;
    if (agent.action !== 'claim') return;
    if (kind === 'holding' && machine.entitledUntil(agent.clock) !== null) granted();
    else if (kind === 'claiming' || (!claimed && agent.world.now < giveUpAt)) agent.later(5, look);
    else end(agent);
  };
  agent.later(5, look);
}

/** Fetches the end of the WAL from the server that proved its death, as long as its agent is there to serve it. */
function rescue(agent: Agent, certificate: Certificate): void {
  agent.action = 'rescue';
  const { world, host } = agent;
  agent.later(world.random.edgy(0, 500), () => {
    const giver = world.hostNamed(certificate.node);
    const stays = giver.runs && giver.agent !== null && giver.server.state === 'none';
    const served = stays && world.network.connects(host.name, giver.name);
    if (served && mayFollow(host, giver, world.now)) host.server.follow(giver.server, world.now);
    const verdict = judgeGap(gapOf(agent, certificate));
    if (verdict.state === 'pass') promote(agent, served ? 'certain death' : GAP_KNOWN);
    else {
      if (agent.refusal !== verdict.reason) world.say(host, `not promoted: ${verdict.reason}`);
      agent.refusal = verdict.reason;
      end(agent);
    }
  });
}

function promote(agent: Agent, how: string | null): void {
  const { world, host } = agent;
  agent.action = 'promote';
  agent.refusal = null;
  if (agent.machine.entitledUntil(agent.clock) !== null) {
    if (how !== null) world.rows.judge(host, how);
    world.promoteServer(host);
  }
  const look = (): void => {
    if (agent.action !== 'promote') return;
    if (host.server.promoting) agent.later(10, look);
    else end(agent);
  };
  agent.later(10, look);
}

/** A planned change: PostgreSQL is stopped in order, so that the standby has everything, and the place is given up as after a death. */
export function switchOver(agent: Agent, successor: NodeName): void {
  agent.action = 'switchover';
  const { world, host } = agent;
  agent.later(world.random.between(20, 300), () => {
    const standby = world.hostNamed(successor);
    const follows = standby.server.streamsFrom === host.name && world.network.connects(host.name, successor);
    if (follows && host.server.state === 'writable') standby.server.follow(host.server, world.now);
    endAndGive(agent, successor, true);
  });
}

/** Ends the server where it lives, proves its death, and gives the lease away; where nobody is ready it is started again. */
function stepDown(agent: Agent, dead: boolean, successor: NodeName | null): void {
  const { world } = agent;
  agent.action = 'step-down';
  const effortMs = dead ? world.random.between(5, 60) : world.random.between(50, 1_500);
  agent.later(effortMs, () => endAndGive(agent, successor, false));
}

/** What the dead primary proves: on which branch its WAL ends, and where. */
function certify({ name: node, server }: Host, now: number): Certificate {
  const { timeline, synchronous } = server;
  const place = server.position(now);
  return { node, timeline, synchronous, ...place, endLsn: BigInt(place.bytes) as Lsn };
}

function endAndGive(agent: Agent, successor: NodeName | null, cleanly: boolean): void {
  const { world, host } = agent;
  world.endServer(host, cleanly);
  if (host.server.state !== 'none' || successor === null) {
    world.startServer(host);
    end(agent);
    return;
  }
  host.server.locked = true;
  agent.later(world.random.between(1, 10), () => giveTo(agent, successor));
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
  if (host.server.system !== SYSTEM) {
    // No death certificate from the data of another cluster: the lease is left to run out.
    machine.abandon();
    agent.voting.renounce();
    unlock();
    return;
  }
  agent.voting.use((it, clock) => {
    agent.voting.renounce();
    const own = certify(host, agent.world.now);
    return it.transfer(successor, agent.world.subject.inheritedProof(host.owed, own), clock, TRANSFER_MS);
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
    const reached = upstream.runs && world.network.connects(host.name, holder);
    if (upstream.server.state !== 'writable' || !reached || isExposed(host) || host.fitness.has('work'))
      return;
    if (rewinds) {
      world.endServer(host, true);
      host.server.copyFrom(upstream.server, world.now);
    }
    host.server.pointsTo = holder;
    world.startServer(host);
  });
}
