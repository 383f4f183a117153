/** Whether the alerts of a drill were the right ones: those of its fault within their bounds, no other critical one, and all of them over at the end. */
import { alertName, type WatchedAlert } from '../measure/alerts.ts';
import type { Drill, ExpectedAlert } from './drill.ts';

/** An alert of a drill, for its report. */
export interface AlertSeconds {
  readonly name: string;
  readonly node: string | null;
  readonly severity: string;
  /** From the first fault of the story to the first look that saw it fire. */
  readonly fired: number;
  /** From the moment the cluster was whole; 0 where it ended before that, null where it fired to the end or the cluster was never whole. */
  readonly resolved: number | null;
}

/** Seconds of each alert that was seen since the story began. */
export function alertSeconds(
  alerts: readonly WatchedAlert[],
  begun: number,
  healthy: number | null,
): readonly AlertSeconds[] {
  return alerts.map(({ name, node, severity, firedAt, resolvedAt }) => ({
    name,
    node,
    severity,
    fired: (firedAt - begun) / 1_000,
    resolved: resolvedAt === null || healthy === null ? null : Math.max(0, resolvedAt - healthy) / 1_000,
  }));
}

/** True for the alert that a drill asks for. */
export function isExpected(expected: ExpectedAlert, alert: Pick<WatchedAlert, 'name' | 'node'>): boolean {
  return expected.name === alert.name && (expected.node === null || expected.node === alert.node);
}

/** What is wrong with the alerts of a drill; null where nothing is. `begun`: the first fault, milliseconds since 1970. */
export function alarmProblem(
  drill: Pick<Drill, 'alerts' | 'mayAlert'>,
  alerts: readonly WatchedAlert[],
  begun: number,
): string | null {
  for (const expected of drill.alerts ?? []) {
    const late = missed(expected, alerts, begun);
    if (late !== null) return late;
  }
  const stray = alerts.find((alert) => alert.severity === 'critical' && !mayFire(drill, alert));
  if (stray !== undefined)
    return `${alertName(stray)} fired after ${(stray.firedAt - begun) / 1_000} s and is not of this fault`;
  const endless = alerts.find((alert) => mustEnd(alert) && alert.resolvedAt === null);
  return endless === undefined ? null : `${alertName(endless)} still fires although the cluster is whole`;
}

/** Lasts until a person has looked at the rows that a node had alone: no repair ends it, and none should. */
const WAITS_FOR_A_PERSON = 'SalvageWaiting';

/** Whether an alert has to be over once the cluster is whole. */
export function mustEnd({ name, severity }: Pick<WatchedAlert, 'name' | 'severity'>): boolean {
  return severity !== 'info' && name !== WAITS_FOR_A_PERSON;
}

/** `within` counts to the first look that saw it fire. */
function missed(expected: ExpectedAlert, alerts: readonly WatchedAlert[], begun: number): string | null {
  const alert = alerts.find((it) => isExpected(expected, it));
  if (alert === undefined) return `${alertName(expected)} did not fire`;
  const after = (alert.firedAt - begun) / 1_000;
  return after <= expected.within
    ? null
    : `${alertName(expected)} fired after ${after} s, expected within ${expected.within} s`;
}

function mayFire(drill: Pick<Drill, 'alerts' | 'mayAlert'>, alert: WatchedAlert): boolean {
  return (
    drill.mayAlert?.includes(alert.name) === true ||
    (drill.alerts ?? []).some((expected) => isExpected(expected, alert))
  );
}
