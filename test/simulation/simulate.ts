/** Runs one plan: a cluster, its faults, its recovery, and what was violated meanwhile. The same plan gives the same run. */
import { FAULTS } from './faults.ts';
import { Host } from './host.ts';
import { PAUSE_FAULTS } from './pause-faults.ts';
import { CHANGES } from './people.ts';
import { SETTLED_AT_MS, type Plan, type PlannedFault } from './plan.ts';
import { Random } from './random.ts';
import { Reach } from './reach.ts';
import { awaitRecovery, judgeRecovery, mendAll } from './recovery.ts';
import { synchronousWord } from './streaming.ts';
import { startAgent, superviseAgents } from './supervisor.ts';
import type { Subject } from './subject.ts';
import { withWait, type Configuration } from './terms.ts';
import { World } from './world.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** How many took place, by their number in the plan. */
  readonly faults: readonly number[];
  readonly failovers: number;
  /** Nobody is primary at the end, and the guard says why a person has to decide; null = one node is. */
  readonly waitsFor: readonly string[] | null;
  /** From the end of all faults until all was well; null = it never was. */
  readonly recoveryMs: number | null;
  /** See `Rows`. */
  readonly longestLossMs: number;
  /** See `Ledger`. */
  readonly excused: number;
  readonly simulatedSeconds: number;
  readonly events: number;
}

/** `log` is told of everything that happens, for people who look into one seed. */
export function simulate(
  plan: Plan,
  subject: Subject,
  log: ((text: string) => void) | null = null,
  reach: Reach = new Reach(),
): SimulationResult {
  const random = Random.of(plan.seed ^ WORLD);
  const terms = withWait(subject, plan.setting.timings);
  const world = new World(random, subject, plan.setting, terms, reach, log);
  populate(world, plan);
  superviseAgents(world);
  world.rows.begin();
  const faults = disturb(world, plan);
  mendAll(world);
  const recoveryMs = awaitRecovery(world);
  const waitsFor = judgeRecovery(world, recoveryMs);
  const { ledger, rows, queue } = world;
  return {
    seed: plan.seed,
    violations: ledger.violations,
    faults,
    failovers: ledger.failovers,
    waitsFor,
    recoveryMs,
    longestLossMs: rows.longestLossMs,
    excused: ledger.excused,
    simulatedSeconds: world.now / 1000,
    events: queue.count,
  };
}

/** So that chance in the world is another than in the drawing of the plan. The sign stays. */
const WORLD = 0x2b7e1516;

function populate(world: World, { setting }: Plan): void {
  const { subject, terms } = world;
  const { voters, change } = setting;
  const before: Configuration = { voters, terms };
  const hosts = setting.hosts.map((it, index) => {
    const member = voters.includes(it.name);
    return new Host(it, 100 - index, subject.NO_MEMORY, member ? before : null);
  });
  world.populate(hosts);
  const { databases } = world;
  const [primary] = databases;
  for (const host of databases) {
    host.server.become(host === primary ? 'writable' : 'recovery', 0);
    host.server.answersInRecovery = host !== primary;
    if (setting.synchronous) host.server.synchronous = synchronousWord(world, false);
    host.server.pointsTo = host === primary ? null : (primary?.name ?? null);
  }
  for (const host of hosts) startAgent(world, host);
  if (change === null) return;
  const after: Configuration = { voters: change.voters, terms: withWait(subject, change.timings) };
  for (const host of hosts) world.pending.set(host, after.voters.includes(host.name) ? after : null);
}

/** Faults one after the other and over one another. */
function disturb(world: World, { faults, disturbedMs, leastFaults }: Plan): readonly number[] {
  const { queue } = world;
  const done: number[] = [];
  queue.runUntil(SETTLED_AT_MS);
  for (const fault of faults) {
    if (fault.at >= disturbedMs && done.length >= leastFaults) break;
    queue.runUntil(fault.at);
    if (strike(world, fault)) done.push(fault.number);
  }
  queue.runUntil(Math.max(queue.now, disturbedMs));
  return done;
}

/** Begins one fault; false where it made no sense. */
function strike(world: World, { number, name, on, primary, lastsMs, seed }: PlannedFault): boolean {
  const begin = FAULTS[name] ?? CHANGES[name] ?? PAUSE_FAULTS[name];
  if (begin === undefined) throw new Error(`no fault is called ${JSON.stringify(name)}`);
  const writer = primary ? world.hosts.find((it) => world.ledger.acknowledges(it)) : undefined;
  const victim = writer ?? world.hostNamed(on);
  // The file is changed on a host that is off as well.
  const mend = victim.runs || name in CHANGES ? begin(world, victim, Random.of(seed)) : null;
  if (mend === null) return false;
  world.reach.fault(name);
  world.say(victim, `FAULT ${number}: ${name}`);
  world.mends.push(mend);
  world.queue.after(lastsMs, () => {
    world.say(victim, `mended ${number}: ${name}`);
    mend();
  });
  return true;
}
