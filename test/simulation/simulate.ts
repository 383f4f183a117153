/** One seed: a cluster, its faults, its recovery, and what was violated meanwhile. The same seed gives the same run. */
import type { NodeName } from '../../src/core/model/names.ts';
import { FAULTS } from './faults.ts';
import { Host } from './host.ts';
import type { Begin } from './network-faults.ts';
import { Random } from './random.ts';
import { powerOff, powerOn, resumeFuse, startAgent, superviseAgents } from './supervisor.ts';
import type { Subject } from './subject.ts';
import { drawTerms, leaseConfig, type Configuration, type Terms } from './terms.ts';
import { World } from './world.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly faults: number;
  readonly failovers: number;
  /** Nobody is primary at the end, and the guard says why a person has to decide; null = one node is. */
  readonly waitsFor: string | null;
  readonly simulatedSeconds: number;
  readonly events: number;
}

const DISTURBED_MS = 600_000;
const LEAST_FAULTS = 20;
/** From the end of all faults until exactly one node must be writable, everybody must follow it, and every voter stand by it. */
const RECOVERY_MS = 60_000;

/** `log` is told of everything that happens, for people who look into one seed. `more`: faults beside the usual ones. */
export function simulate(
  seed: number,
  subject: Subject,
  log: ((text: string) => void) | null = null,
  more: Readonly<Record<string, Begin>> = {},
): SimulationResult {
  const random = Random.of(seed);
  const terms = drawTerms(random, subject);
  const world = new World(random, subject, terms[0], random.chance(0.5), log);
  const plan = populate(world, random.chance(0.5) ? terms : [terms[1], terms[0]]);
  superviseAgents(world);
  world.queue.runUntil(5_000);
  const faults = disturb(world, plan, { ...FAULTS, ...more });
  if (world.ledger.failovers === 0) forceFailover(world);
  mendAll(world);
  world.queue.runUntil(world.now + RECOVERY_MS);
  const waitsFor = judgeRecovery(world);
  return {
    seed,
    violations: world.ledger.violations,
    faults,
    failovers: world.ledger.failovers,
    waitsFor,
    simulatedSeconds: world.now / 1000,
    events: world.queue.count,
  };
}

/** The configuration that every host will have in the end; null = it is never changed. */
type Change = ReadonlyMap<Host, Configuration | null> | null;

const SHAPES = ['abw', 'abw', 'abw', 'abw', 'abc', 'abcwx', 'abwxy', 'ab'] as const;

function populate(world: World, [first, second]: readonly [Terms, Terms]): Change {
  const { random, subject } = world;
  const names = random.pick(SHAPES).split('') as NodeName[];
  const drift = Math.sqrt(1 + first.driftPercent / 100);
  const few = names.slice(0, 3);
  const grows = names.join('') === 'abwxy' && random.chance(0.5);
  const shrinks = names.join('') === 'abwxy' && !grows;
  const before: Configuration = { voters: grows ? few : names, terms: first };
  world.hosts = names.map((name, index) => {
    const kind = name < 'd' ? 'database' : 'witness';
    const member = before.voters.includes(name);
    return new Host(
      name,
      kind,
      100 - index,
      random.edgy(1 / drift, drift),
      subject.NO_MEMORY,
      member ? before : null,
    );
  });
  const [primary] = world.hosts;
  for (const host of world.hosts) {
    if (host.kind === 'database') host.server.become(host === primary ? 'writable' : 'recovery', 0);
    host.server.answersInRecovery = host !== primary;
    host.server.pointsTo = host === primary ? null : (primary?.name ?? null);
    startAgent(world, host);
  }
  if (!grows && !shrinks && !random.chance(0.35)) return null;
  const after: Configuration = { voters: shrinks ? few : names, terms: random.chance(0.5) ? second : first };
  return new Map(world.hosts.map((it) => [it, after.voters.includes(it.name) ? after : null]));
}

/** Faults one after the other and over one another, most of them where the primary is. */
function disturb(world: World, change: Change, all: Readonly<Record<string, Begin>>): number {
  const { random, queue } = world;
  const names = Object.keys(all);
  const end = queue.now + DISTURBED_MS;
  if (change !== null) changeConfiguration(world, change, queue.now + random.between(0, DISTURBED_MS * 0.8));
  let faults = 0;
  while (queue.now < end || faults < LEAST_FAULTS) {
    const databases = world.hosts.filter((it) => it.kind === 'database');
    const writer = databases.find((it) => world.ledger.acknowledges(it));
    const victim = writer !== undefined && random.chance(0.6) ? writer : random.pick(world.hosts);
    const name = random.pick(names);
    const mend = victim.powered ? (all[name]?.(world, victim) ?? null) : null;
    if (mend !== null) {
      faults += 1;
      world.say(victim, `FAULT ${name}`);
      const lasts = random.pick([500, 2_000, 5_000, 20_000, 40_000]);
      queue.after(random.edgy(lasts / 10, lasts), () => {
        world.say(victim, `mended: ${name}`);
        mend();
      });
      world.mends.push(mend);
    }
    world.queue.runUntil(queue.now + random.pick([200, 3_000, 12_000, 30_000]) * random.next());
  }
  return faults;
}

/** Restarts one agent after the other with another set of voters or other timings. */
function changeConfiguration(world: World, change: NonNullable<Change>, from: number): void {
  let at = from;
  const inAnyOrder = world.random.shuffle([...change.keys()]);
  // The most dangerous order has the holder last.
  const order = world.random.chance(0.5)
    ? inAnyOrder
    : inAnyOrder.toSorted(
        (a, b) => Number(world.ledger.acknowledges(a)) - Number(world.ledger.acknowledges(b)),
      );
  for (const host of order) {
    at += world.random.edgy(100, 30_000);
    world.queue.after(at - world.now, () => reconfigure(world, host, change.get(host) ?? null));
  }
}

function reconfigure(world: World, host: Host, configuration: Configuration | null): void {
  host.configuration = configuration;
  host.agent?.kill();
  world.say(host, `configured for ${configuration?.voters.join() ?? 'nothing'}`);
  if (!host.agentHeld) startAgent(world, host);
  // A holder that dies just when its lease became a shorter one: voters must remember the longer.
  if (world.ledger.acknowledges(host) && world.random.chance(0.7))
    world.queue.after(world.random.between(50, 1_000), () => {
      const mend = FAULTS['stop agent and isolate']?.(world, host) ?? null;
      if (mend === null) return;
      world.mends.push(mend);
      world.queue.after(20_000, mend);
    });
}

/** Every seed has at least one failover, also where chance gave none. */
function forceFailover(world: World): void {
  mendAll(world);
  world.queue.runUntil(world.now + 90_000);
  const writer = world.hosts.find((it) => world.ledger.acknowledges(it));
  if (writer === undefined) return;
  if (world.hosts.length === 2) world.endServer(writer, false);
  else powerOff(world, writer);
  world.queue.runUntil(world.now + 20_000);
}

function mendAll(world: World): void {
  for (const mend of world.mends.splice(0)) mend();
  for (const host of world.hosts) {
    powerOn(world, host);
    host.agentHeld = false;
    host.agent?.resume();
    host.diesAtPersist = false;
    host.keepalived = 'runs';
    resumeFuse(world, host);
    startAgent(world, host);
  }
  world.say(world.hosts[0] as Host, 'all faults are mended');
}

/** The voters were changed while there was no holder to consent: a person has to bring back the holder or the old voters. */
function isBetweenConfigurations(hosts: readonly Host[]): boolean {
  return hosts.some(
    ({ name, configuration, memory }) =>
      configuration !== null && memory.digest !== leaseConfig(name, configuration).digest,
  );
}

/** Exactly one node must serve, and all others stand by it; else every agent must say what it waits for. */
function judgeRecovery(world: World): string | null {
  const { hosts, ledger } = world;
  const databases = hosts.filter((it) => it.kind === 'database' && it.configuration !== null);
  const writers = databases.filter((it) => ledger.acknowledges(it));
  const [writer] = writers;
  if (writers.length > 1) ledger.note('more than one node acknowledges writes after all faults were mended');
  if (writer === undefined) {
    const duties = databases.map((it) => it.agent?.duty ?? null);
    if (duties.some((it) => it?.kind !== 'wait') && !isBetweenConfigurations(hosts))
      ledger.note('nobody acknowledges writes after all faults were mended, and not everybody waits');
    return duties.map((it, index) => `${databases[index]?.name}: ${it?.reason}`).join('; ');
  }
  for (const host of databases)
    if (host !== writer && host.server.streamsFrom !== writer.name)
      ledger.note(`${host.name} does not follow ${writer.name} after all faults were mended`);
  for (const host of hosts)
    if (host.configuration !== null && host.memory.lease?.uuid !== writer.memory.lease?.uuid)
      ledger.note(`${host.name} does not stand by the lease of ${writer.name} after all faults were mended`);
  return null;
}
