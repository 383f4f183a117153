/** People at work in the simulated world: a pause of the lease that stands, ends by its time, or is ended in the order that keeps it safe. */
import { leaveWords } from '../../src/core/lease/leave.ts';
import type { Agent } from './agent.ts';
import type { Host } from './host.ts';
import { isolation, NOTHING, type Begin } from './network-faults.ts';
import type { Random } from './random.ts';
import { startAgent } from './supervisor.ts';
import { resume } from './take-up.ts';
import type { World } from './world.ts';

const WORDS = { reason: 'work', by: 'root', until: '2026-11-21T22:30:00.000Z' };

function resumeHolders(world: World): void {
  for (const { agent } of world.hosts) {
    const holder = agent?.machine.holder;
    if (agent !== null && holder?.kind === 'holding' && (holder.pause?.untilMs ?? null) !== null)
      resume(world, agent);
  }
}

function holderAmong({ hosts }: World): Host | undefined {
  return hosts.find(
    (it) => it.agent !== null && !it.agent.halted && it.agent.machine.holder.kind === 'holding',
  );
}

/** The agent of the holder ends in order, and the one that comes next begins within the term, just at its end, or after it. */
function restartInOrder(world: World, agent: Agent, random: Random): void {
  const { host } = agent;
  const forMs = random.edgy(2_000, 12_000);
  world.say(host, `leaves its lease for ${forMs.toFixed(0)} ms`);
  agent.voting.use((machine, clock) => machine.pause(clock + forMs, leaveWords(WORDS.until), clock));
  agent.later(random.edgy(20, 400), () => {
    agent.kill();
    host.agentHeld = true;
    world.say(host, 'agent ended in order');
    world.queue.after(random.edgy(200, forMs * 1.2), () => {
      host.agentHeld = false;
      startAgent(world, host);
    });
  });
}

export const PAUSE_FAULTS: Readonly<Record<string, Begin>> = {
  pause: (world, _, random) => {
    const host = holderAmong(world);
    if (host?.agent === undefined || host.agent === null) return null;
    const forMs = random.edgy(2_000, 20_000);
    world.say(host, `pauses for ${forMs.toFixed(0)} ms`);
    // A paused holder serves on while no voter hears it: what it wrote then nobody else can know of.
    world.rows.stopJudging();
    host.agent.voting.use((machine, clock) => machine.pause(clock + forMs, WORDS, clock));
    return () => resumeHolders(world);
  },
  // The very thing that a pause is for: the holder is away from the voters for longer than a lease, and serves on.
  'pause and isolate': (world, victim, random) => {
    const host = holderAmong(world);
    const pause = PAUSE_FAULTS['pause']?.(world, victim, random) ?? null;
    if (host === undefined || pause === null) return null;
    let mend: () => void = () => undefined;
    let over = false;
    world.queue.after(random.between(100, 1_000), () => {
      if (!over) mend = isolation(world, host);
    });
    return () => {
      over = true;
      mend();
      pause();
    };
  },
  'restart in order': (world, _, random) => {
    const host = holderAmong(world);
    if (host?.agent === undefined || host.agent === null || host.agentHeld) return null;
    world.rows.stopJudging();
    restartInOrder(world, host.agent, random);
    return NOTHING;
  },
  'end of a pause': (world) => {
    const host = holderAmong(world);
    if (host?.agent === undefined || host.agent === null) return null;
    resume(world, host.agent);
    return () => undefined;
  },
};
