/** Whether a failover would be accepted here now and why not, and what the agent does: all the time, so that nobody learns it in the night. */
import { CRITERIA } from '../core/guard/criterion.ts';
import { DUTIES } from '../core/guard/duty.ts';
import { stateSet, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

const STATES = ['pass', 'fail', 'unknown'] as const;

/** Nothing on a witness. All criteria on a standby, each in one of its three states; none on a primary, which has nobody to succeed. */
export function failoverMetrics({ keeper }: ScrapeView): readonly MetricSample[] {
  if (keeper === null) return [];
  const { duty, criteria } = keeper;
  const states = CRITERIA.flatMap((code) => {
    const state = criteria?.find((it) => it.code === code)?.state;
    return state === undefined
      ? []
      : stateSet('primacy_failover_criterion', 'state', STATES, state, { criterion: code });
  });
  return [...stateSet('primacy_duty', 'duty', DUTIES, duty), ...states];
}
