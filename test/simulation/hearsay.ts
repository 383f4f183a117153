/** What a simulated agent remembers of primaries, by the keeper's own memory: what it heard itself, and what other voters remember. */
import type { OtherNode } from '../../src/core/guard/duty.ts';
import type { LastPrimary } from '../../src/core/guard/failover-snapshot.ts';
import type { Known } from '../../src/core/model/known.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { RememberedPrimary } from '../../src/core/model/node-report.ts';
import { LastPrimaries } from '../../src/node/keeper/last-primary.ts';
import { othersOf } from '../../src/node/keeper/lease-view.ts';
import type { LeaseService } from '../../src/node/lease/lease-service.ts';

/** Nobody looks by SQL here: a word that is older, and tells of less, is the harder test of what may be lost. */
const NO_PROBE = { of: () => ({ look: null, answered: null, asPrimary: null }) };

export class Hearsay {
  readonly #service: LeaseService;
  readonly #primaries = new LastPrimaries(NO_PROBE);
  /** The newest answer of each node that was taken. */
  readonly #taken = new Map<NodeName, unknown>();

  constructor(service: LeaseService) {
    this.#service = service;
  }

  /** Takes what was answered since the last time. */
  take(now: number): void {
    const news: OtherNode[] = [];
    for (const [node, { heardAt, clock, report, answer }] of this.#service.peers())
      if (this.#taken.get(node) !== answer) {
        this.#taken.set(node, answer);
        news.push({ node, heardAt, clock, report, answer });
      }
    if (news.length > 0) this.#primaries.take(news, now);
  }

  remembered(now: number): RememberedPrimary | null {
    return this.#primaries.remembered(now);
  }

  of(node: NodeName, now: number): Known<LastPrimary> {
    return this.#primaries.of(node, now);
  }

  /** As `LastPrimaries.former`. */
  former(self: NodeName, holder: NodeName | null, now: number): NodeName | null {
    const others = othersOf(this.#service).map(({ node }) => node);
    return this.#primaries.former(self, holder, others, now);
  }
}
