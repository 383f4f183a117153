/** Watches every promotion that an agent decides on: nobody unfit, nobody worse than another, and no failover chasing the one before. */
import { WAYS, type Way } from '../../src/core/guard/criterion.ts';
import type { Agent } from './agent.ts';
import type { Flaw } from './fitness.ts';
import type { Host } from './host.ts';
import { SYSTEM, WAL_PER_MS } from './server.ts';
import { FRESH_MS } from './lease-of.ts';
import type { World } from './world.ts';

/** What began so long ago was in the evidence of the last look: the oldest word that counts, and one look. */
const SEEN_MS = FRESH_MS + 1_500;
const COOLDOWN_MS = 600_000;
/** A rival must be ahead by more than what may be under way. */
const AHEAD_BYTES = 2_000 * WAL_PER_MS;

const ALWAYS: readonly Way[] = WAYS;
const FAILOVERS: readonly Way[] = WAYS.filter((it) => it !== 'holder-in-recovery');

/** On which ways a flaw must keep a node from its promotion. */
const MATTERS: Readonly<Record<Flaw, readonly Way[]>> = {
  work: ALWAYS,
  'replay-paused': ALWAYS,
  'cannot-serve': ALWAYS,
  'no-gateway': FAILOVERS,
  'no-keepalived': FAILOVERS,
  // Where the old primary proved that its VIP is gone, nobody asks who else might have it.
  'vip-taken': ['silence'],
};

/** To be called when the decision has been taken, before anything is done. */
export function judgePromotion(agent: Agent, way: Way): void {
  const { world, host } = agent;
  const note = (what: string): void =>
    world.ledger.note(`${host.name} is promoted (${way}) although ${what}`);
  for (const flaw of host.fitness.lasting(world.now, SEEN_MS))
    if (MATTERS[flaw].includes(way)) note(`it is unfit: ${flaw}`);
  if (host.server.system !== SYSTEM) note('its data are of another cluster');
  if (way === 'holder-in-recovery') return;
  if (way !== 'switchover' && host.failovers.some((at) => world.now - at < COOLDOWN_MS - SEEN_MS))
    note('nobody has followed it since its last failover');
  if (way === 'silence') judgeSilence(agent, note);
}

function judgeSilence({ world, host, machine, clock }: Agent, note: (what: string) => void): void {
  const heard = (it: Host): boolean => clock - (machine.peers.get(it.name)?.heardAt ?? -Infinity) < SEEN_MS;
  // One whose disk takes seconds for its vote is heard all the while, and could not take over.
  const answers = (it: Host): boolean =>
    clock - (machine.peers.get(it.name)?.answer?.sentAt ?? -Infinity) < FRESH_MS / 2;
  const witnesses = world.witnesses.filter((it) => it.configuration !== null);
  // One that people have taken out a moment ago was heard all the same.
  if (witnesses.length > 0 && !world.witnesses.some(heard)) note('no witness was heard');
  if (!world.network.quietFor(SEEN_MS)) return;
  for (const other of world.hosts)
    if (other !== host && answers(other) && isAhead(world, other, host)) note(`${other.name} has more`);
}

/** A standby that has run for a while, on the same branch, and further. */
function isAhead(world: World, { runs, server, agent }: Host, than: Host): boolean {
  const { now } = world;
  const [own, bytes] = [than.server.history, than.server.walBytes(now)];
  const stands = runs && server.state === 'recovery' && server.answersInRecovery && !server.stopped;
  if (!stands || agent === null || agent.halted || now - agent.startedAt < SEEN_MS) return false;
  return server.history === own && server.walBytes(now) > bytes + AHEAD_BYTES && now - server.since > SEEN_MS;
}
