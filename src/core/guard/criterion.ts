/** The criteria of a promotion (checks.md section 1): each passes, fails or is unknown, with a stable code; unknown counts as fail. */

/** F1 to F22 in their order. The codes are in metrics, logs and documents and never change their meaning. */
export const CRITERIA = [
  'not_paused',
  'cooldown',
  'local_standby_ok',
  'same_system',
  'timeline_current',
  'primary_sql_dead',
  'primary_tcp_host',
  'receiver_stopped',
  'heartbeat_stale',
  'loss_bound',
  'own_network_ok',
  'witness_reachable',
  'witness_agrees',
  'majority',
  'exclusive_grant',
  'no_other_primary',
  'best_candidate',
  'vip_free',
  'old_primary_fenced',
  'can_serve',
  'keepalived_ready',
  'local_clock_sane',
] as const;
export type CriterionCode = (typeof CRITERIA)[number];

/** How a promotion may come about: each way judges each criterion in its own manner. */
export const WAYS = ['silence', 'certain-death', 'holder-in-recovery', 'switchover'] as const;
export type Way = (typeof WAYS)[number];

export interface Criterion {
  readonly code: CriterionCode;
  readonly state: 'pass' | 'fail' | 'unknown';
  /** One sentence without full stop: what was seen. */
  readonly reason: string;
  /** False where this way in does not need it to pass: it then only explains. */
  readonly decisive: boolean;
}

export interface FailoverDecision {
  readonly way: Way;
  /** True exactly where every decisive criterion passes. */
  readonly promote: boolean;
  /** All of them, in the order of `CRITERIA`. */
  readonly criteria: readonly Criterion[];
}

/** What stands against a promotion, for people; undefined = this way was not judged. */
export function describeObstacles(decision: FailoverDecision | undefined): string {
  if (decision === undefined) return 'the criteria were not judged';
  const failed = decision.criteria.filter((it) => it.decisive && it.state !== 'pass');
  return failed.map((it) => `${it.code}: ${it.reason}`).join('; ') || 'nothing stands against it';
}

/** The first of these criteria that does not pass, in words; null where all do. */
export function obstacleAmong(
  codes: readonly CriterionCode[],
  decision: FailoverDecision | undefined,
): string | null {
  if (decision === undefined) return 'the criteria were not judged';
  const obstacle = decision.criteria.find((it) => it.state !== 'pass' && codes.includes(it.code));
  return obstacle === undefined ? null : `${obstacle.code}: ${obstacle.reason}`;
}
