/** Looks at one cluster and shares the look: who decides gets one that began after a given moment, who only shows takes a recent one. */
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
  readonly latest: () => Look | null;
}

/** Makes a lookout over any way to take a snapshot. */
export function makeLookout(take: () => Promise<Snapshot>, clock: Clock): Lookout {
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
    latest: () => latest,
    lookSince: (notBefore) => {
      if (latest !== null && latest.beganAt >= notBefore) return Promise.resolve(latest);
      if (underWay !== null && underWay.beganAt >= notBefore) return underWay.look;
      return begin();
    },
  };
}
