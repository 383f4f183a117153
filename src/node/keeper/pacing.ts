/** How soon a duty that failed is tried again: what is urgent at once, what is not with a growing pause. */
import type { DutyKind } from '../../core/guard/duty.ts';

const FIRST_MS = 200;
const LONGEST_MS = 10_000;
/** A node that may not write must not have to wait, and neither must its clients. */
const URGENT: ReadonlySet<DutyKind> = new Set<DutyKind>(['fence', 'step-down', 'succeed', 'promote-here']);
const URGENT_MS = 100;

export interface Pacing {
  readonly mayRun: (kind: DutyKind, now: number) => boolean;
  readonly failed: (kind: DutyKind, now: number) => void;
  readonly succeeded: (kind: DutyKind) => void;
}

export function createPacing(): Pacing {
  const pauses = new Map<DutyKind, { readonly until: number; readonly pauseMs: number }>();
  return {
    mayRun: (kind, now) => now >= (pauses.get(kind)?.until ?? 0),
    failed: (kind, now) => {
      const before = pauses.get(kind)?.pauseMs ?? FIRST_MS / 2;
      const pauseMs = URGENT.has(kind) ? URGENT_MS : Math.min(LONGEST_MS, before * 2);
      pauses.set(kind, { until: now + pauseMs, pauseMs });
    },
    succeeded: (kind) => {
      pauses.delete(kind);
    },
  };
}
