/** Watching alerts: the first moment of each is kept, and its end is the last one seen. */
import { describe, expect, it } from 'vitest';
import { afterLook, type FiringAlert, type WatchedAlert } from '../../../../src/lab/measure/alerts.ts';

const firing = (node: string | null, since = 1_000): FiringAlert => ({
  name: 'AgentDown',
  node,
  severity: 'critical',
  since,
  asksForRepair: false,
});

function looks(...each: readonly (readonly FiringAlert[])[]): readonly WatchedAlert[] {
  return each.reduce<readonly WatchedAlert[]>(
    (watched, alerts, index) => afterLook(watched, alerts, (index + 2) * 1_000),
    [],
  );
}

describe('a watched alert', () => {
  it('has the moment of the first look that saw it, and no end while it fires', () => {
    expect(looks([], [firing('pg1')], [firing('pg1')])).toMatchObject([{ firedAt: 3_000, resolvedAt: null }]);
  });

  it('ends at the first look without it', () => {
    expect(looks([firing('pg1')], [], [])).toMatchObject([{ firedAt: 2_000, resolvedAt: 3_000 }]);
  });

  it('that comes back has not ended, and keeps its first moments', () => {
    const [alert] = looks([firing('pg1', 1_000)], [], [firing('pg1', 3_500)]);
    expect(alert).toMatchObject({ since: 1_000, firedAt: 2_000, resolvedAt: null });
  });

  it('is one on each node, however many series it has there', () => {
    expect(looks([firing('pg1'), firing('pg2'), firing('pg2'), firing(null)])).toHaveLength(3);
  });
});
