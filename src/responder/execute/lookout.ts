/** Looks at one cluster and shares the look: who decides gets one that began after a given moment, who only shows takes a recent one. */
import type { NodeName } from '../../core/model/names.ts';
import type { Snapshot } from '../../core/model/observation.ts';
import type { Clock } from '../../world/clock.ts';

export interface Look {
  readonly snapshot: Snapshot;
  /** When it began, on the monotonic clock: everything in it is at least this new. */
  readonly beganAt: number;
}

export interface Lookout {
  /** A look that began at `notBefore` (monotonic milliseconds) or later: the last one, the one under way, or a new one. */
  readonly lookSince: (notBefore: number) => Promise<Look>;
  /** `base` with one node looked at anew. As old as `base`: a look at one node is cheaper and faster than a round. */
  readonly lookAt: (base: Look, node: NodeName) => Promise<Look>;
}

/** Makes a lookout over any way to take a snapshot. */
export function makeLookout(take: (only?: NodeName) => Promise<Snapshot>, clock: Clock): Lookout {
  let latest: Look | null = null;
  let underWay: { readonly beganAt: number; readonly look: Promise<Look> } | null = null;
  const begin = (): Promise<Look> => {
    const beganAt = clock.monotonicMillis();
    const look = take().then((snapshot) => {
      const seen = { snapshot, beganAt };
      if (latest === null || latest.beganAt < beganAt) latest = seen;
      return seen;
    });
    const mine = { beganAt, look };
    underWay = mine;
    void look.finally(() => {
      if (underWay === mine) underWay = null;
    });
    return look;
  };
  return {
    lookAt: async (base, node) => {
      const { nodes } = await take(node);
      return {
        ...base,
        snapshot: { ...base.snapshot, nodes: new Map([...base.snapshot.nodes, ...nodes]) },
      };
    },
    lookSince: (notBefore) => {
      if (latest !== null && latest.beganAt >= notBefore) return Promise.resolve(latest);
      if (underWay !== null && underWay.beganAt >= notBefore) return underWay.look;
      return begin();
    },
  };
}
