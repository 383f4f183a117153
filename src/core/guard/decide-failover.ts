/** Decides whether this standby may be promoted: F1 to F22 from one snapshot, each way in with the criteria that it needs. */
import { CRITERIA, type CriterionCode, type FailoverDecision, type Way } from './criterion.ts';
import type { FailoverSnapshot } from './failover-snapshot.ts';
import * as candidate from './judge-candidate.ts';
import * as surroundings from './judge-surroundings.ts';
import type { Verdict } from './verdict.ts';

const JUDGES: Readonly<Record<CriterionCode, (snapshot: FailoverSnapshot) => Verdict>> = {
  not_paused: candidate.notPaused,
  cooldown: candidate.cooldown,
  local_standby_ok: candidate.localStandbyOk,
  same_system: candidate.sameSystem,
  timeline_current: candidate.timelineCurrent,
  primary_sql_dead: surroundings.primarySqlDead,
  primary_tcp_host: surroundings.primaryTcpHost,
  receiver_stopped: surroundings.receiverStopped,
  heartbeat_stale: surroundings.heartbeatStale,
  loss_bound: candidate.lossBound,
  own_network_ok: candidate.ownNetworkOk,
  witness_reachable: surroundings.witnessReachable,
  witness_agrees: surroundings.witnessAgrees,
  majority: surroundings.majority,
  exclusive_grant: surroundings.exclusiveGrant,
  no_other_primary: surroundings.noOtherPrimary,
  best_candidate: candidate.bestCandidate,
  vip_free: surroundings.vipFree,
  old_primary_fenced: surroundings.oldPrimaryFenced,
  can_serve: candidate.canServe,
  keepalived_ready: candidate.keepalivedReady,
  local_clock_sane: candidate.localClockSane,
};

/**
 * The criteria that a way in does not need, because something stronger stands for them.
 *
 * `silence`: the voters' wait stands for F6, F8, F9, F13 and F19. `certain-death`: the old primary's proof and its lease stand for F6 to
 * F9, F12, F13, F15, F18 and F19, its choice for F17, and F10 is judged after the tail rescue. `holder-in-recovery`: the node has the
 * lease and its own WAL, so that only its own state counts, and F10 only where WAL of another node had to be fetched. `switchover`: as
 * certain death, and F2 does not apply. F22 only warns.
 */
const EXCUSED: Readonly<Record<Way, ReadonlySet<CriterionCode>>> = {
  silence: new Set<CriterionCode>([
    'primary_sql_dead',
    'receiver_stopped',
    'heartbeat_stale',
    'witness_agrees',
    'old_primary_fenced',
    'local_clock_sane',
  ]),
  'certain-death': new Set<CriterionCode>([
    'primary_sql_dead',
    'primary_tcp_host',
    'receiver_stopped',
    'heartbeat_stale',
    'loss_bound',
    'witness_reachable',
    'witness_agrees',
    'exclusive_grant',
    'best_candidate',
    'vip_free',
    'old_primary_fenced',
    'local_clock_sane',
  ]),
  'holder-in-recovery': new Set<CriterionCode>([
    'cooldown',
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
    'best_candidate',
    'vip_free',
    'old_primary_fenced',
    'keepalived_ready',
    'local_clock_sane',
  ]),
  switchover: new Set<CriterionCode>([
    'cooldown',
    'primary_sql_dead',
    'primary_tcp_host',
    'receiver_stopped',
    'heartbeat_stale',
    'loss_bound',
    'witness_reachable',
    'witness_agrees',
    'exclusive_grant',
    'best_candidate',
    'vip_free',
    'old_primary_fenced',
    'local_clock_sane',
  ]),
};

/** Judges all criteria; promotion needs every decisive one to pass, unknown counts as fail. */
export function decideFailover(snapshot: FailoverSnapshot, way: Way): FailoverDecision {
  const criteria = CRITERIA.map((code) => {
    const decisive = !EXCUSED[way].has(code);
    return { code, ...JUDGES[code](snapshot), decisive };
  });
  return { way, promote: criteria.every((it) => !it.decisive || it.state === 'pass'), criteria };
}

/** Whether a node passes, by itself, what no other can judge for it: what it tells a holder that looks for a successor. */
export function isReadyToSucceed(decision: FailoverDecision): boolean {
  return decision.criteria.every((it) => !OWN_MATTERS.has(it.code) || it.state === 'pass');
}

/** What no other node can judge for a standby. */
export const OWN_MATTERS: ReadonlySet<CriterionCode> = new Set<CriterionCode>([
  'not_paused',
  'cooldown',
  'local_standby_ok',
  'same_system',
  'timeline_current',
  'can_serve',
  'keepalived_ready',
]);
