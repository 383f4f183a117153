/** Two nodes behind the same interface as SSH: pg1 is the primary with the VIP, pg2 whatever a test makes of it. */
import type { DivergenceAccount } from '../../src/core/model/account.ts';
import { known } from '../../src/core/model/known.ts';
import { parseLsn } from '../../src/core/model/lsn.ts';
import type { SystemIdentifier } from '../../src/core/model/names.ts';
import type { NodeObservation } from '../../src/core/model/observation.ts';
import { parseTimelineId } from '../../src/core/model/timeline.ts';
import type { Answer, NodeLink, RequestOf } from '../../src/world/remote/node-link.ts';
import type { NodeRequest, NodeVerb, ReplyOf } from '../../src/world/remote/protocol.ts';
import {
  downPostgres,
  HAS_VIP,
  leaseOf,
  marker,
  node,
  primaryPostgres,
  promotedPostgres,
  seen,
  standbyPostgres,
} from './snapshot.ts';

/** How pg2 stands. */
export type Standing = 'split' | 'standby-with-vip' | 'fencing' | 'fenced' | 'standby';

/** What a test lets happen to one request: the answer it gets, and whether the node carries it out. */
export interface Mishap {
  readonly verb: NodeVerb;
  readonly acts: boolean;
  /** `crash` = the responder dies here. */
  readonly answer: Answer<NodeVerb> | 'crash';
}

export class Crash extends Error {}

export class FakePair implements NodeLink {
  standing: Standing;
  clientTransactions = 0;
  /** pg1 holds the lease of epoch 3, and pg2 knows it. */
  leased = false;
  /** What the marker of a fenced pg2 says. */
  fenceReason = 'dual-primary';
  agentRuns = true;
  /** Called after each order was noted and before it is answered: what others do meanwhile. */
  whenAsked: () => void = () => undefined;
  readonly asked: NodeRequest[] = [];
  /** Each is used once, by the first request of its verb. */
  mishaps: Mishap[] = [];

  constructor(standing: Standing) {
    this.standing = standing;
  }

  ask<V extends NodeVerb>(name: string, request: RequestOf<V>): Promise<Answer<V>> {
    if (request.verb !== 'observe') {
      this.asked.push(request);
      this.whenAsked();
    }
    const index = this.mishaps.findIndex((mishap) => mishap.verb === request.verb);
    if (index === -1) return Promise.resolve(this.#act(name, request));
    const [mishap] = this.mishaps.splice(index, 1);
    if (mishap?.acts === true) this.#act(name, request);
    if (mishap === undefined || mishap.answer === 'crash') return Promise.reject(new Crash('crash'));
    return Promise.resolve(mishap.answer as Answer<V>);
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.mishaps = [];
  }

  /** Verbs that were asked for, looks left out. */
  verbs(): readonly NodeVerb[] {
    return this.asked.map((request) => request.verb);
  }

  #act<V extends NodeVerb>(name: string, request: RequestOf<V>): Answer<V> {
    const done = (result: ReplyOf[NodeVerb]): Answer<V> => ({ kind: 'done', result: result as ReplyOf[V] });
    const vip = { presentBefore: true, keepalivedStopped: true, seconds: 0.1 };
    switch (request.verb) {
      case 'observe':
        return done(name === 'pg1' ? this.#pg1() : { ...this.#pg2(), ...this.#common() });
      case 'release-vip':
        this.standing = 'standby';
        return done(vip);
      case 'fence':
        this.standing = 'fenced';
        return done({ vip, postgres: 'fast', seconds: 0.5 });
      case 'account':
        return done(account(this.clientTransactions));
      case 'rejoin':
        this.standing = 'standby';
        return done({ how: 'rewind', seconds: { rewind: 1, start: 1, verify: 1, total: 3 } });
      case 'unfence':
        return done({ wasFenced: true });
    }
    throw new Error('no such verb');
  }

  #common(): Pick<NodeObservation, 'lease' | 'agentRunning'> {
    return { lease: this.leased ? leaseOf('pg1') : known(null), agentRunning: known(this.agentRuns) };
  }

  #pg1(): NodeObservation {
    const lease = this.leased ? leaseOf('pg1', { entitled: true }) : known(null);
    return seen('pg1', primaryPostgres(), { vip: HAS_VIP, lease });
  }

  #pg2(): NodeObservation {
    const reason = this.fenceReason;
    switch (this.standing) {
      case 'split':
        return seen('pg2', promotedPostgres());
      case 'standby-with-vip':
        return seen('pg2', standbyPostgres(), { vip: HAS_VIP });
      case 'fencing':
        return seen('pg2', downPostgres(), { fence: known(marker({ state: 'fencing', reason })) });
      case 'fenced':
        return seen('pg2', downPostgres(), { fence: known(marker({ reason })) });
      case 'standby':
        return seen('pg2', standbyPostgres());
    }
  }
}

function account(clientTransactions: number): DivergenceAccount {
  return {
    node: node('pg2'),
    survivor: node('pg1'),
    systemIdentifier: '7000000000000000001' as SystemIdentifier,
    loserTimeline: parseTimelineId(2),
    survivorTimeline: parseTimelineId(1),
    forkLsn: parseLsn('0/4000000'),
    endLsn: parseLsn('0/4500000'),
    bytes: 0x500000,
    transactions: clientTransactions + 7,
    clientTransactions,
    bundle: '/var/lib/primacy/salvage/1',
    digest: 'a'.repeat(64),
  };
}
