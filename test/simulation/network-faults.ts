/** Faults of the simulated network, and the shape of all faults: each begins, and tells how it is mended. */
import type { Host } from './host.ts';
import { PATHS, type Cut } from './network.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** Mends what it began; a second call does nothing more. */
export type Mend = () => void;

/** Begins on or around `victim`, where chance has its say. Null where it makes no sense now. */
export type Begin = (world: World, victim: Host, random: Random) => Mend | null;

export const NOTHING: Mend = () => undefined;

/** Cuts datagrams and connections of some directions, on both paths. */
function cut(world: World, pairs: readonly (readonly [Host, Host])[], paths: readonly Cut[]): Mend {
  for (const [from, to] of pairs) for (const path of paths) world.network.cut(from.name, to.name, path);
  let cuts = true;
  return () => {
    if (cuts)
      for (const [from, to] of pairs) for (const path of paths) world.network.mend(from.name, to.name, path);
    cuts = false;
  };
}

export function isolation(world: World, victim: Host): Mend {
  return cut(
    world,
    othersOf(world, victim).flatMap((it) => bothWays(it, victim)),
    PATHS,
  );
}

export function parting(world: World, left: Iterable<Host>, right: Iterable<Host>): Mend {
  const others = [...right];
  return cut(
    world,
    [...left].flatMap((a) => others.flatMap((b) => bothWays(a, b))),
    PATHS,
  );
}

function bothWays(a: Host, b: Host): readonly (readonly [Host, Host])[] {
  return [
    [a, b],
    [b, a],
  ];
}

export const NETWORK_FAULTS: Readonly<Record<string, Begin>> = {
  isolate: isolation,
  'one direction': (world, victim, random) => {
    const other = random.pick(othersOf(world, victim));
    return cut(world, [random.chance(0.5) ? [victim, other] : [other, victim]], PATHS);
  },
  'one pair': (world, victim, random) =>
    cut(world, bothWays(victim, random.pick(othersOf(world, victim))), PATHS),
  'only votes of one pair': (world, victim, random) =>
    cut(world, bothWays(victim, random.pick(othersOf(world, victim))), ['datagrams']),
  'only votes of a host': (world, victim) =>
    cut(
      world,
      othersOf(world, victim).flatMap((it) => bothWays(it, victim)),
      ['datagrams'],
    ),
  'only replication': (world, victim) =>
    cut(
      world,
      othersOf(world, victim).flatMap((it) => bothWays(it, victim)),
      ['connections'],
    ),
  'mute host': (world, victim) =>
    cut(
      world,
      othersOf(world, victim).map((it) => [victim, it] as const),
      PATHS,
    ),
  'deaf host': (world, victim) =>
    cut(
      world,
      othersOf(world, victim).map((it) => [it, victim] as const),
      PATHS,
    ),
  'one line of all': (world, _, random) =>
    cut(
      world,
      world.hosts.flatMap((a) => othersOf(world, a).map((b) => [a, b] as const)),
      [random.pick(PATHS)],
    ),
  'one line of a host': (world, victim, random) =>
    cut(
      world,
      othersOf(world, victim).flatMap((it) => bothWays(it, victim)),
      [random.pick(PATHS)],
    ),
  'parted groups': (world, _, random) => {
    const [left, right] = [new Set<Host>(), new Set<Host>()];
    for (const host of world.hosts) (random.chance(0.5) ? left : right).add(host);
    return left.size === 0 || right.size === 0 ? null : parting(world, left, right);
  },
  'lossy network': ({ network }, _, random) => {
    network.loss = random.between(0.1, 0.8);
    return () => {
      network.loss = 0;
    };
  },
  // Its requests come quickly and the answers late, and then it hears nothing at all.
  'slow answers, then isolated': (world, victim, random) => {
    const { network, queue } = world;
    network.slowTowards.set(victim.name, random.edgy(200, 1_500));
    let [mended, isolated] = [false, NOTHING];
    queue.after(random.between(1_000, 4_000), () => {
      if (!mended) isolated = isolation(world, victim);
    });
    return () => {
      mended = true;
      network.slowTowards.delete(victim.name);
      isolated();
    };
  },
  'slow network': ({ network }, _, random) => {
    network.slowestMs = random.pick([100, 500, 3_000]);
    return () => {
      network.slowestMs = 2;
    };
  },
};

function othersOf(world: World, victim: Host): readonly Host[] {
  return world.hosts.filter((it) => it !== victim);
}
