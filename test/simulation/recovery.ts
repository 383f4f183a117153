/** After the faults: everything is mended, and one node must serve again with all others behind it, or everybody says what is missing. */
import type { Agent } from './agent.ts';
import type { Host } from './host.ts';
import { powerOn, resumeFuse, startAgent, startKeepalived, wakeHost } from './supervisor.ts';
import { leaseConfig } from './terms.ts';
import type { World } from './world.ts';

/** The longest from the end of all faults until all must be well; of a million seeds hardly one took more than half of it. */
const RECOVERY_MS = 15_000;
/** So long is looked on whether it comes after all: then it was no person that everybody waited for. */
const LATEST_MS = 2 * RECOVERY_MS;
const LOOK_MS = 250;
/** So long must it stay well. */
const STAYS_MS = 1_500;

export function mendAll(world: World): void {
  for (const mend of world.mends.splice(0)) mend();
  for (const host of world.hosts) {
    powerOn(world, host);
    wakeHost(world, host);
    host.agentHeld = false;
    host.agent?.resume();
    host.diesAtPersist = false;
    host.voteDisk = 'quick';
    startKeepalived(host);
    host.fitness.endAll();
    resumeFuse(world, host);
    startAgent(world, host);
  }
  world.say(world.hosts[0] as Host, 'all faults are mended');
}

/** Lets time pass until all is well and stays so; how long that took, or null where it did not come. */
export function awaitRecovery(world: World): number | null {
  const from = world.now;
  let wellSince: number | null = null;
  while (world.now - from < LATEST_MS + STAYS_MS) {
    world.queue.runUntil(world.now + LOOK_MS);
    if (!isWell(world)) wellSince = null;
    else wellSince ??= world.now;
    if (wellSince !== null && world.now - wellSince >= STAYS_MS) return wellSince - from;
  }
  return null;
}

function databasesOf(world: World): readonly Host[] {
  return world.databases.filter((it) => it.configuration !== null);
}

/** One writes, everybody follows it, and every voter stands by its lease. */
function isWell(world: World): boolean {
  const databases = databasesOf(world);
  const writers = databases.filter((it) => world.ledger.acknowledges(it));
  const [writer] = writers;
  return writer !== undefined && writers.length === 1 && complaintsBeside(world, writer).length === 0;
}

function complaintsBeside(world: World, writer: Host): readonly string[] {
  const late = 'after all faults were mended';
  const loose = databasesOf(world).filter((it) => it !== writer && it.server.streamsFrom !== writer.name);
  const other = world.hosts.filter(
    (it) => it.configuration !== null && it.memory.lease?.uuid !== writer.memory.lease?.uuid,
  );
  const alone = world.synchronous && databasesOf(world).length > 1 && writer.server.waitsForNobody;
  return [
    ...loose.map((it) => `${it.name} does not follow ${writer.name} ${late}`),
    ...other.map((it) => `${it.name} does not stand by the lease of ${writer.name} ${late}`),
    ...(alone ? [`commits on ${writer.name} wait for nobody ${late}`] : []),
  ];
}

/** The voters were changed while there was no holder to consent: a person has to bring back the holder or the old voters. */
function isBetweenConfigurations(hosts: readonly Host[]): boolean {
  return hosts.some(
    ({ name, configuration, memory }) =>
      configuration !== null && memory.digest !== leaseConfig(name, configuration).digest,
  );
}

/** Exactly one node must serve, and all others stand by it; else every agent must say what it waits for, and that is returned. */
export function judgeRecovery(world: World, recoveryMs: number | null): readonly string[] | null {
  const { hosts, ledger } = world;
  if (recoveryMs !== null && recoveryMs > RECOVERY_MS)
    ledger.note(`all was well only ${recoveryMs / 1000} s after all faults were mended`);
  if (recoveryMs !== null) return null;
  const databases = databasesOf(world);
  const writers = databases.filter((it) => ledger.acknowledges(it));
  const [writer] = writers;
  if (writers.length > 1) ledger.note('more than one node acknowledges writes after all faults were mended');
  if (writer !== undefined) {
    for (const complaint of complaintsBeside(world, writer)) ledger.note(complaint);
    return null;
  }
  if (isBetweenConfigurations(hosts)) return ['the voters were changed while nobody held the lease'];
  const waits = databases.map(({ agent }) => whatItWaitsFor(agent));
  if (waits.includes(null))
    ledger.note('nobody acknowledges writes after all faults were mended, and not everybody waits');
  return waits.map((it) => it ?? 'its agent does not wait');
}

/** In its own words; null = it waits for nothing. */
function whatItWaitsFor(agent: Agent | null): string | null {
  const { duty = null, refusal = null } = agent ?? {};
  if (duty?.kind === 'wait') return duty.reason;
  return duty?.kind === 'promote-here' ? refusal : null;
}
