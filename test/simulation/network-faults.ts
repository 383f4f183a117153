/** Faults of the simulated network, and the shape of all faults: each begins, and tells how it is mended. */
import type { Host } from './host.ts';
import { PATHS } from './network.ts';
import type { World } from './world.ts';

/** Mends what it began; a second call does nothing more. */
export type Mend = () => void;

/** Begins on or around `victim`. Null where it makes no sense now. */
export type Begin = (world: World, victim: Host) => Mend | null;

export const NOTHING: Mend = () => undefined;

/** Cuts datagrams and connections of some directions, on both paths. */
function cut(world: World, pairs: readonly (readonly [Host, Host])[], paths: readonly (0 | 1)[]): Mend {
  for (const [from, to] of pairs) for (const path of paths) world.network.cut(from.name, to.name, path);
  let cuts = true;
  return () => {
    if (cuts)
      for (const [from, to] of pairs) for (const path of paths) world.network.mend(from.name, to.name, path);
    cuts = false;
  };
}

export function isolation(world: World, victim: Host): Mend {
  const others = world.hosts.filter((it) => it !== victim);
  return cut(
    world,
    others.flatMap((it) => [[it, victim] as const, [victim, it] as const]),
    PATHS,
  );
}

export const NETWORK_FAULTS: Readonly<Record<string, Begin>> = {
  isolate: isolation,
  'one direction': (world, victim) => {
    const other = world.random.pick(world.hosts.filter((it) => it !== victim));
    return cut(world, [world.random.chance(0.5) ? [victim, other] : [other, victim]], PATHS);
  },
  'one pair': (world, victim) => {
    const other = world.random.pick(world.hosts.filter((it) => it !== victim));
    return cut(
      world,
      [
        [victim, other],
        [other, victim],
      ],
      PATHS,
    );
  },
  'mute host': (world, victim) =>
    cut(
      world,
      world.hosts.filter((it) => it !== victim).map((it) => [victim, it] as const),
      PATHS,
    ),
  'deaf host': (world, victim) =>
    cut(
      world,
      world.hosts.filter((it) => it !== victim).map((it) => [it, victim] as const),
      PATHS,
    ),
  'one path': (world) =>
    cut(
      world,
      world.hosts.flatMap((a) => world.hosts.filter((b) => b !== a).map((b) => [a, b] as const)),
      [world.random.pick(PATHS)],
    ),
  'parted groups': (world) => {
    const [left, right] = [new Set<Host>(), new Set<Host>()];
    for (const host of world.hosts) (world.random.chance(0.5) ? left : right).add(host);
    const across = [...left].flatMap((a) => [...right].flatMap((b) => [[a, b] as const, [b, a] as const]));
    return cut(world, across, PATHS);
  },
  'lossy network': ({ network, random }) => {
    network.loss = random.between(0.1, 0.8);
    return () => {
      network.loss = 0;
    };
  },
  // Its requests come quickly and the answers late, and then it hears nothing at all.
  'slow answers, then isolated': (world, victim) => {
    const { network, random, queue } = world;
    network.slowTowards.set(victim.name, random.edgy(200, 1_500));
    let [mended, isolated] = [false, NOTHING];
    queue.after(random.between(2_000, 4_000), () => {
      if (!mended) isolated = isolation(world, victim);
    });
    return () => {
      mended = true;
      network.slowTowards.delete(victim.name);
      isolated();
    };
  },
  'slow network': ({ network, random }) => {
    network.slowestMs = random.pick([100, 500, 3_000]);
    return () => {
      network.slowestMs = 2;
    };
  },
};
