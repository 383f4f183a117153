/** What people do: planned changes, and what they should not do. */
import type { Lsn } from '../../src/core/model/lsn.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import { switchOver, takeOver } from './act.ts';
import type { Agent } from './agent.ts';
import { GUARD_FAULTS } from './guard-faults.ts';
import type { Host } from './host.ts';
import { viewOf } from './lease-of.ts';
import { dutySnapshot } from './look.ts';
import { NOTHING, parting, type Begin, type Mend } from './network-faults.ts';
import type { Random } from './random.ts';
import { startAgent } from './supervisor.ts';
import type { World } from './world.ts';

/** Asks the agent of the primary, as `primacy switchover` does. */
function askForSwitchover(agent: Agent): boolean {
  const { world, host } = agent;
  const { now } = world;
  const streaming = world.hosts.filter((it) => it.server.streamsFrom === host.name).map((it) => it.name);
  const decision = world.subject.decideSwitchover({
    duty: dutySnapshot(agent, viewOf(agent)),
    to: null,
    ownLsn: BigInt(host.server.walBytes(now)) as Lsn,
    streaming,
    synchronous: host.server.synchronous,
    maxLagBytes: 16_777_216,
  });
  world.reach.switchover(decision.kind === 'go' ? 'go' : decision.code);
  if (decision.kind === 'refused') return false;
  world.say(host, `switchover to ${decision.successor}`);
  // A standby follows: the failover that made this node primary was made good.
  host.failovers = [];
  switchOver(agent, decision.successor);
  return true;
}

export const PEOPLE: Readonly<Record<string, Begin>> = {
  switchover: (_world, { agent }) => {
    if (agent === null || agent.halted || agent.action !== null) return null;
    return askForSwitchover(agent) ? NOTHING : null;
  },
  'restart by a colleague': (world, victim, random) => {
    if (victim.server.state !== 'writable') return null;
    world.endServer(victim, true);
    world.queue.after(random.between(50, 1_500), () => world.startServer(victim));
    return NOTHING;
  },
  'stop by a colleague': (world, victim) => {
    if (victim.kind !== 'database' || victim.server.state === 'none') return null;
    world.endServer(victim, true);
    return NOTHING;
  },
  'promotion by hand': (world, victim) => {
    if (victim.server.state !== 'recovery') return null;
    world.promoteServer(victim);
    return NOTHING;
  },
  // The lease must hold whoever asks for it, and whenever: here without any of the keeper's own checks.
  'impatient claim': (world, victim, random) => {
    const standbys = world.databases.filter((it) => it.server.state === 'recovery');
    const agents = standbys.flatMap(({ agent }) =>
      agent === null || agent.halted || agent.action !== null ? [] : [agent],
    );
    if (agents.length === 0) return null;
    const agent = random.pick(agents);
    world.say(agent.host, `claims beside ${victim.name}`);
    world.rows.stopJudging();
    takeOver(agent, null);
    return NOTHING;
  },
};

export const IN_ORDER = 'change configuration';
export const HOLDER_LAST = 'change configuration, the holder last';
export const PARTED = 'change configuration by halves, and part them';

/** Restarts one agent with the other configuration. */
export const CHANGES: Readonly<Record<string, Begin>> = {
  [IN_ORDER]: (world, victim, random) =>
    world.pending.has(victim) ? reconfigure(world, victim, random) : null,
  [HOLDER_LAST]: (world, _, random) => {
    const left = [...world.pending.keys()];
    const next = left.find((it) => !world.ledger.acknowledges(it)) ?? left[0];
    return next === undefined ? null : reconfigure(world, next, random);
  },
  // Each half has a majority of the voters that it is configured with.
  [PARTED]: (world, _, random) => {
    const halves = random.shuffle(halvesOf(world));
    const [changed] = halves;
    if (changed === undefined) return null;
    for (const host of changed) if (world.pending.has(host)) configure(world, host);
    const others = world.hosts.filter((it) => !changed.includes(it));
    let [over, mend] = [false, NOTHING];
    world.queue.after(random.edgy(0, 1_500), () => {
      if (!over) mend = parting(world, changed, others);
    });
    return () => {
      over = true;
      mend();
    };
  },
};

/** Those who might be changed first: they are enough for the voters to come, and the others are enough for the voters of before. */
function halvesOf({ hosts, pending }: World): readonly (readonly Host[])[] {
  const waiting = [...pending.keys()];
  const voters = waiting.find((it) => it.configuration !== null)?.configuration?.voters ?? [];
  const coming = [...pending.values()].find((it) => it !== null)?.voters ?? [];
  const isEnough = (some: readonly Host[], of: readonly NodeName[]): boolean =>
    2 * some.filter((it) => of.includes(it.name)).length > of.length;
  return waiting
    .reduce<(readonly Host[])[]>((sets, it) => sets.flatMap((set) => [set, [...set, it]]), [[]])
    .filter((stays) => isEnough(stays, voters))
    .map((stays) => hosts.filter((it) => !stays.includes(it)))
    .filter((changed) => isEnough(changed, coming));
}

function configure(world: World, host: Host): void {
  host.configuration = world.pending.get(host) ?? null;
  world.pending.delete(host);
  host.agent?.kill();
  world.say(host, `configured for ${host.configuration?.voters.join() ?? 'nothing'}`);
  if (!host.agentHeld) startAgent(world, host);
}

function reconfigure(world: World, host: Host, random: Random): Mend {
  configure(world, host);
  // A holder that dies just when its lease became a shorter one: voters must remember the longer.
  if (world.ledger.acknowledges(host) && random.chance(0.7))
    world.queue.after(random.between(50, 1_000), () => {
      const mend = GUARD_FAULTS['stop agent and isolate']?.(world, host, random) ?? null;
      if (mend === null) return;
      world.mends.push(mend);
      world.queue.after(20_000, mend);
    });
  return NOTHING;
}
