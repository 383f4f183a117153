/** People at work in the simulated world: a pause of the lease that stands, ends by its time, or is ended in the order that keeps it safe. */
import type { Agent } from './agent.ts';
import type { Host } from './host.ts';
import { isolation, type Begin } from './network-faults.ts';
import type { World } from './world.ts';

const WORDS = { reason: 'work', by: 'root', until: '2026-11-21T22:30:00.000Z' };

/** As the agent does it: the fences first, then, a moment later, the voters. Not where nothing would be left. */
function resume(world: World, agent: Agent): void {
  const until = agent.machine.renewedUntil(agent.clock);
  if (agent.halted || agent.state === 'dead' || until === null) return;
  world.say(agent.host, 'resumes');
  agent.voting.leavesPause = true;
  agent.voting.shorten(until);
  agent.later(world.random.edgy(0, 50), () =>
    agent.voting.use((machine, clock) => {
      agent.voting.leavesPause = false;
      return machine.endPause(clock);
    }),
  );
}

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
    world.queue.after(random.between(100, 1_000), () => {
      mend = isolation(world, host);
    });
    return () => {
      mend();
      pause();
    };
  },
  'end of a pause': (world) => {
    const host = holderAmong(world);
    if (host?.agent === undefined || host.agent === null) return null;
    resume(world, host.agent);
    return () => undefined;
  },
};
