/** Whether this node could be brought back, how its last rejoin stands, and what lost rows still wait in bundles. */
import { PREFLIGHT_CHECKS } from '../core/divergence/rejoin-preflight.ts';
import { REJOIN_PHASES } from '../world/files/rejoin-stage.ts';
import type { SalvagedIncident } from '../world/files/salvage-summary.ts';
import type { RejoinView } from './rejoin-view.ts';
import { metric, stateSet, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

const STATES = ['pass', 'fail', 'unknown'];
/** Incidents shown by name; older ones count in the totals alone. */
const INCIDENTS_MAX = 20;

/** Nothing on a witness, and nothing of what could not be read. */
export function rejoinMetrics({ rejoin }: ScrapeView): readonly MetricSample[] {
  if (rejoin === null) return [];
  return [
    ...preflightMetrics(rejoin),
    ...beginningMetrics(rejoin),
    ...stageMetrics(rejoin),
    ...salvageMetrics(rejoin),
  ];
}

function preflightMetrics({ preflight, lookedAt }: RejoinView): readonly MetricSample[] {
  if (lookedAt === null) return [];
  return [
    ...PREFLIGHT_CHECKS.flatMap((check) => {
      const state = preflight.find((it) => it.check === check)?.state ?? 'unknown';
      return stateSet('primacy_rejoin_preflight', 'state', STATES, state, { check });
    }),
    metric('primacy_rejoin_preflight_timestamp_seconds', lookedAt),
  ];
}

function beginningMetrics({ beginning }: RejoinView): readonly MetricSample[] {
  if (beginning === null) return [];
  const { timeline, hash } = beginning;
  return [metric('primacy_pg_timeline_begin_info', 1, { timeline: String(timeline), hash })];
}

function stageMetrics({ stage, failure }: RejoinView): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  if (stage.kind === 'known') {
    const { phase, startedAt } = stage.value;
    samples.push(
      ...stateSet('primacy_rejoin_phase', 'phase', REJOIN_PHASES, phase),
      metric('primacy_rejoin_begin_timestamp_seconds', startedAt === null ? 0 : startedAt / 1_000),
    );
  }
  if (failure.kind === 'known')
    samples.push(metric('primacy_rejoin_failure_timestamp_seconds', (failure.value?.at ?? 0) / 1_000));
  return samples;
}

function salvageMetrics({ salvage }: RejoinView): readonly MetricSample[] {
  if (salvage.kind === 'unknown') return [];
  const waiting = salvage.value.filter((it) => it.waiting);
  const oldest = waiting[0];
  return [
    metric('primacy_salvage_bundles', waiting.length, { state: 'waiting' }),
    metric('primacy_salvage_bundles', salvage.value.length - waiting.length, { state: 'settled' }),
    metric('primacy_salvage_oldest_waiting_timestamp_seconds', (oldest?.createdAt ?? 0) / 1_000),
    ...waiting.slice(-INCIDENTS_MAX).flatMap(incidentMetrics),
  ];
}

function incidentMetrics({ incident, clientTransactions, bytes }: SalvagedIncident): readonly MetricSample[] {
  return [
    metric('primacy_divergence_lost_transactions', clientTransactions, { incident }),
    metric('primacy_divergence_lost_bytes', bytes, { incident }),
  ];
}
