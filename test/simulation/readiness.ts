/** Whether a simulated node says that it is ready to succeed: judged anew only where something has changed that this is judged from. */
import type { DutyLease } from '../../src/core/guard/duty.ts';
import type { FailoverSnapshot } from '../../src/core/guard/failover-snapshot.ts';
import { mapKnown, unknown, valueOr } from '../../src/core/model/known.ts';
import type { Agent } from './agent.ts';
import { failoverSnapshot, lastPrimary, roleOf } from './evidence.ts';

/** Unknown never passes: a criterion that came to rest on one of these would show at once, because nobody were ready any more. */
const NOT_ITS_OWN = unknown('rests on other nodes, or on the moment');
const OF_OTHERS = {
  unheardMs: Number.POSITIVE_INFINITY,
  primarySql: NOT_ITS_OWN,
  primaryHost: NOT_ITS_OWN,
  gatewayAnswers: NOT_ITS_OWN,
  witness: NOT_ITS_OWN,
  votersSeen: NOT_ITS_OWN,
  grantable: NOT_ITS_OWN,
  otherPrimaries: NOT_ITS_OWN,
  rivals: NOT_ITS_OWN,
  vipAnswered: NOT_ITS_OWN,
} satisfies Partial<FailoverSnapshot>;

/** Both limits of F2 are multiples of this: ages count by the whole ones alone. */
const COOLDOWN_MS = 600_000;

const whole = (ageMs: number): number => Math.floor(ageMs / COOLDOWN_MS) * COOLDOWN_MS;

function ownMatters(snapshot: FailoverSnapshot): FailoverSnapshot {
  const { server, lastPrimary: last, failoverAgesMs } = snapshot;
  return {
    ...snapshot,
    ...OF_OTHERS,
    failoverAgesMs: mapKnown(failoverAgesMs, (ages) => ages.map(whole)),
    server: { ...server, receiving: NOT_ITS_OWN, receiveLsn: NOT_ITS_OWN, heartbeat: NOT_ITS_OWN },
    lastPrimary: mapKnown(last, (it) => ({
      ...it,
      ageMs: Number.POSITIVE_INFINITY,
      lsn: NOT_ITS_OWN,
      heartbeat: NOT_ITS_OWN,
      synchronous: NOT_ITS_OWN,
    })),
  };
}

export class Readiness {
  readonly #agent: Agent;
  #judgedFrom: readonly unknown[] = [];
  #ready = false;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  at(lease: DutyLease): boolean {
    const from = this.#matters(lease);
    if (from.length === this.#judgedFrom.length && from.every((it, i) => it === this.#judgedFrom[i]))
      return this.#ready;
    const { subject } = this.#agent.world;
    const snapshot = ownMatters(failoverSnapshot(this.#agent, 'certain-death', lease));
    this.#judgedFrom = from;
    this.#ready = subject.isReadyToSucceed(subject.decideFailover(snapshot, 'certain-death'));
    return this.#ready;
  }

  /** All that may change of what `ownMatters` leaves. */
  #matters(lease: DutyLease): readonly unknown[] {
    const { host, world, machine } = this.#agent;
    const { server, fitness, failovers, keepalived } = host;
    const last = lastPrimary(this.#agent, machine.bequest?.lease.holder ?? null, lease);
    const own = [server.state, roleOf(host), server.system, server.timeline, server.history, keepalived];
    const flaws = [fitness.changes, failovers.map((at) => whole(world.now - at)).join()];
    if (last.kind === 'unknown') return [...own, ...flaws, lease.pause, machine.bequest];
    const { node, systemIdentifier, timeline, historyHash } = last.value;
    const branch = [valueOr(systemIdentifier, null), valueOr(timeline, null), valueOr(historyHash, null)];
    return [...own, ...flaws, lease.pause, machine.bequest, node, ...branch];
  }
}
