/** How a simulated agent ends a long lease of its own: asked by people, or because the agent before it left one. */
import { isLeaveOpen } from '../../src/core/lease/leave.ts';
import type { Agent } from './agent.ts';
import type { World } from './world.ts';

/** As the agent does it: the fences first, then, a moment later, the voters. Not where nothing would be left. */
export function resume(world: World, agent: Agent): void {
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

/** As `createTakeUp` does it, with every step. */
export function takeUp(agent: Agent): void {
  const { world, voting, machine } = agent;
  if (machine.holder.kind !== 'holding' || voting.leavesPause || !isLeaveOpen(machine.memory.pause)) return;
  resume(world, agent);
}
