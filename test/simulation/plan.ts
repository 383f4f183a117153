/** What a seed means: a cluster, and the schedule of what will go wrong in it. Plain values, which can be written down, shortened and replayed. */
import type { NodeName } from '../../src/core/model/names.ts';
import { FAULTS } from './faults.ts';
import { HOLDER_LAST, IN_ORDER, PARTED } from './people.ts';
import { Random } from './random.ts';
import { drawTerms, type Timings } from './terms.ts';

export interface PlannedHost {
  readonly name: NodeName;
  readonly kind: 'database' | 'witness';
  /** How fast its clock runs. */
  readonly rate: number;
}

export interface Setting {
  readonly hosts: readonly PlannedHost[];
  /** Of the hosts, who votes in the beginning. */
  readonly voters: readonly NodeName[];
  readonly timings: Timings;
  /** What the configuration is changed to, host by host; null = it stays. */
  readonly change: { readonly voters: readonly NodeName[]; readonly timings: Timings } | null;
  /** The kernel ends client traffic with the lease. */
  readonly kernelLease: boolean;
  /** Commits wait for a standby. */
  readonly synchronous: boolean;
  /** The longest that a promotion takes. */
  readonly promotionMs: number;
}

export interface PlannedFault {
  /** Its number in the schedule of the seed. */
  readonly number: number;
  /** Milliseconds from the beginning of the world. */
  readonly at: number;
  readonly name: string;
  /** Where: this host, or with `primary` the one that acknowledges writes then, where there is one. */
  readonly on: NodeName;
  readonly primary: boolean;
  readonly lastsMs: number;
  /** For what chance decides in this fault alone. */
  readonly seed: number;
}

export interface Plan {
  readonly seed: number;
  readonly setting: Setting;
  readonly faults: readonly PlannedFault[];
  /** No fault begins later, except where `leastFaults` did not take place before. */
  readonly disturbedMs: number;
  readonly leastFaults: number;
}

/** How long and how densely a seed is disturbed. Milliseconds; gaps and durations are drawn up to one of theirs. */
export interface Pace {
  readonly disturbedMs: number;
  readonly leastFaults: number;
  readonly gapsMs: readonly number[];
  readonly durationsMs: readonly number[];
}

export const PACES: Readonly<Record<'short' | 'long', Pace>> = {
  short: {
    disturbedMs: 60_000,
    leastFaults: 20,
    gapsMs: [150, 1_500, 4_000, 6_000],
    durationsMs: [500, 2_000, 5_000, 12_000, 25_000],
  },
  long: {
    disturbedMs: 600_000,
    leastFaults: 20,
    gapsMs: [200, 3_000, 12_000, 30_000],
    durationsMs: [500, 2_000, 5_000, 20_000, 40_000],
  },
};

/** Before the first fault. */
export const SETTLED_AT_MS = 3_000;

/** So many clusters are synchronous. */
const SYNCHRONOUS = 0.2;

/** Two nodes and a witness are what most people have; a and b are databases, c and d too, the others are witnesses. */
const SHAPES = ['abw', 'abw', 'abw', 'abw', 'abc', 'abcw', 'abcwx', 'abcdw', 'abwxy', 'ab'] as const;

/** The same seed and pace give the same plan. `more`: names of faults beside the usual ones. Of a seed below zero all times and clocks are at their bounds, nearly always the worst. */
export function drawPlan(seed: number, pace: Pace = PACES.short, more: readonly string[] = []): Plan {
  const random = Random.of(seed);
  const setting = drawSetting(random);
  const { disturbedMs, leastFaults } = pace;
  const faults = [
    ...drawFaults(random, setting, pace, more),
    ...drawChange(random, setting, pace),
    ...drawParting(seed, setting, pace),
  ]
    .toSorted((a, b) => a.at - b.at)
    .map((it, number) => ({ ...it, number }));
  return { seed, setting, faults, disturbedMs, leastFaults };
}

function drawSetting(random: Random): Setting {
  const [first, second] = random.chance(0.5) ? drawTerms(random) : drawTerms(random).toReversed();
  if (first === undefined || second === undefined) throw new Error('two sets of terms are drawn');
  const shape = random.pick(SHAPES);
  const names = shape.split('') as NodeName[];
  const few = names.slice(0, 3);
  const grows = shape === 'abwxy' && random.chance(0.5);
  const shrinks = shape === 'abwxy' && !grows;
  const drift = Math.sqrt(1 + first.driftPercent / 100);
  const hosts = names.map((name): PlannedHost => ({
    name,
    kind: name < 'e' ? 'database' : 'witness',
    rate: random.edgy(1 / drift, drift),
  }));
  const changes = grows || shrinks || random.chance(0.35);
  return {
    hosts,
    voters: grows ? few : names,
    timings: first,
    change: changes ? { voters: shrinks ? few : names, timings: random.chance(0.5) ? second : first } : null,
    kernelLease: random.chance(0.5),
    synchronous: random.chance(SYNCHRONOUS),
    promotionMs: random.pick([2, 100, 300]),
  };
}

type Unnumbered = Omit<PlannedFault, 'number'>;

/** Faults one after the other and over one another, most of them where the primary is. Each seed has some kinds of faults, and those often. */
function drawFaults(
  random: Random,
  { hosts }: Setting,
  pace: Pace,
  more: readonly string[],
): readonly Unnumbered[] {
  const all = Object.keys(FAULTS);
  const some = [...random.shuffle(all).slice(0, random.pick([6, 10, 16, all.length])), ...more];
  const faults: Unnumbered[] = [];
  // Those behind the end take place only where chance left too few before it.
  for (let at = SETTLED_AT_MS; at < pace.disturbedMs || faults.length < 6 * pace.leastFaults;) {
    faults.push({
      at,
      name: random.pick(some),
      on: random.pick(hosts).name,
      primary: random.chance(0.6),
      lastsMs: drawDuration(random, pace),
      seed: Math.floor(random.next() * 1e9) * random.sign,
    });
    at += random.pick(pace.gapsMs) * random.next();
  }
  return faults;
}

function drawDuration(random: Random, { durationsMs }: Pace): number {
  const longest = random.pick(durationsMs);
  return Math.round(random.edgy(longest / 10, longest));
}

/** Agents are restarted with the other configuration one after the other. The most dangerous order has the holder last. */
function drawChange(random: Random, { hosts, change }: Setting, pace: Pace): readonly Unnumbered[] {
  if (change === null) return [];
  const name = random.chance(0.5) ? IN_ORDER : HOLDER_LAST;
  const restMs = random.pick([1_000, pace.disturbedMs / 20]);
  let at = SETTLED_AT_MS + random.between(0, pace.disturbedMs * 0.6);
  return random.shuffle(hosts).map(({ name: on }) => {
    at += random.edgy(100, restMs);
    return { at, name, on, primary: false, lastsMs: 0, seed: Math.floor(random.next() * 1e9) * random.sign };
  });
}

/** So that its chance is another one than that of the rest, which stays what it was. */
const PARTING = 0x51ed270b;

/** Voters that change can part just between those who know and those who do not: no chance would find that in a million seeds. */
function drawParting(seed: number, { hosts, voters, change }: Setting, pace: Pace): readonly Unnumbered[] {
  const random = Random.of(seed ^ PARTING);
  const [first] = hosts;
  if (change === null || first === undefined || change.voters.length === voters.length) return [];
  const at = SETTLED_AT_MS + random.between(0, pace.disturbedMs / 2);
  const lastsMs = Math.round(random.between(8_000, 20_000));
  const own = Math.floor(random.next() * 1e9) * random.sign;
  return [{ at, name: PARTED, on: first.name, primary: false, lastsMs, seed: own }];
}
