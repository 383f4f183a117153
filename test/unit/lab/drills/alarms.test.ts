/** The alerts of a drill are right where each expected one fired in time, no other critical one did, and all are over. */
import { describe, expect, it } from 'vitest';
import { alarmProblem, alertSeconds } from '../../../../src/lab/drills/alarms.ts';
import type { WatchedAlert } from '../../../../src/lab/measure/alerts.ts';

const BEGUN = 100_000;
const drill = { alerts: [{ name: 'AgentDown', node: 'pg1', within: 10 }], mayAlert: ['VipMissing'] };

function alert(over: Partial<WatchedAlert> = {}): WatchedAlert {
  return {
    name: 'AgentDown',
    node: 'pg1',
    severity: 'critical',
    since: BEGUN + 1_000,
    asksForRepair: false,
    firedAt: BEGUN + 8_000,
    resolvedAt: BEGUN + 20_000,
    ...over,
  };
}

describe('the alerts of a drill', () => {
  it('are right where the expected one fired in time and is over', () => {
    expect(alarmProblem(drill, [alert()], BEGUN)).toBeNull();
  });

  it.each([
    ['did not fire', [], 'AgentDown on pg1 did not fire'],
    ['fired on another host alone', [alert({ node: 'pg2' })], 'AgentDown on pg1 did not fire'],
    [
      'fired too late',
      [alert({ firedAt: BEGUN + 11_000 })],
      'AgentDown on pg1 fired after 11 s, expected within 10 s',
    ],
    [
      'has not ended',
      [alert({ resolvedAt: null })],
      'AgentDown on pg1 still fires although the cluster is whole',
    ],
    [
      'came with another one',
      [alert(), alert({ name: 'VipConflict', node: null })],
      'VipConflict fired after 8 s and is not of this fault',
    ],
    [
      'came with a warning that has not ended',
      [alert(), alert({ name: 'NodeFenced', severity: 'warning', resolvedAt: null })],
      'NodeFenced on pg1 still fires although the cluster is whole',
    ],
  ])('are wrong where it %s', (_what, alerts, problem) => {
    expect(alarmProblem(drill, alerts, BEGUN)).toBe(problem);
  });

  it('may have others: warnings that are over, what the drill tolerates, news that last, and rows that wait for a person', () => {
    const others = [
      alert({ name: 'NodeFenced', severity: 'warning' }),
      alert({ name: 'VipMissing', node: null }),
      alert({ name: 'FailoverHappened', node: null, severity: 'info', resolvedAt: null }),
      alert({ name: 'SalvageWaiting', severity: 'warning', resolvedAt: null }),
    ];
    expect(alarmProblem(drill, [alert(), ...others], BEGUN)).toBeNull();
  });
});

describe('seconds of alerts', () => {
  it.each([
    ['before the cluster was whole', BEGUN + 20_000, BEGUN + 30_000, 0],
    ['after it', BEGUN + 20_000, BEGUN + 15_000, 5],
    ['never', null, BEGUN + 15_000, null],
    ['in a cluster that was never whole', BEGUN + 20_000, null, null],
  ])(
    'count from the fault to its firing, and from wholeness to its end %s',
    (_when, ended, healthy, resolved) => {
      expect(alertSeconds([alert({ resolvedAt: ended })], BEGUN, healthy)).toMatchObject([
        { fired: 8, resolved },
      ]);
    },
  );
});
