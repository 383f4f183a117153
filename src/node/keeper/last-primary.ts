/** Remembers what each other node last said of itself as a primary: by SQL to this node, by its agent, or by what other voters remember. */
import type { LastPrimary } from '../../core/guard/failover-snapshot.ts';
import type { OtherNode } from '../../core/guard/duty.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { parseLsn, type Lsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { RememberedPrimary, ServerReport } from '../../core/model/node-report.ts';
import type { SynchronousWord } from '../../core/model/synchronous-word.ts';
import type { PeerProbe } from '../peer-probe.ts';
import { PeerClocks } from './peer-clocks.ts';

interface Said {
  /** Boot-time milliseconds of this host. */
  readonly at: number;
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  readonly historyHash: string | null;
  readonly lsn: Lsn | null;
  readonly heartbeat: number | null;
}

/** Only its agent knows how its commits wait. A word holds for one reign: each promotion begins a timeline. */
interface Word {
  readonly timeline: number;
  readonly word: SynchronousWord;
}

interface Heard {
  readonly at: number;
  readonly server: ServerReport;
  readonly epoch: number;
}

/**
 * By what reigns are compared: the newest epoch in the primary's data, which each begins with, and of one such epoch that of its lease. Not by
 * the lease first: a host that stood still asks for a higher epoch when it wakes, and writes nothing in it (simulation seed -3229596).
 */
type Reign = readonly [data: number, lease: number];

const NO_REIGN: Reign = [0, 0];

export class LastPrimaries {
  /** What this node heard itself, which alone it passes on: hearsay would grow younger with every round. */
  readonly #heard = new Map<NodeName, Heard>();
  /** The latest reign in which each was seen to be primary, by whomever. */
  readonly #reigns = new Map<NodeName, Reign>();
  readonly #reported = new Map<NodeName, Said>();
  readonly #words = new Map<NodeName, Word>();
  readonly #probe: Pick<PeerProbe, 'of'>;
  readonly #clocks = new PeerClocks();

  constructor(probe: Pick<PeerProbe, 'of'>) {
    this.#probe = probe;
  }

  /**
   * Takes what all others last answered, and what they remember of one another; to be called at each look. Only an answer has an age: a host
   * that stood still for 20 s finds words in its sockets that are as old, and nobody can tell them from new ones.
   */
  take(others: readonly OtherNode[], now: number): void {
    for (const { node, answer, clock } of others) {
      if (clock !== null) this.#clocks.take(node, clock);
      if (answer === null) continue;
      const { server, remembers } = answer.report;
      if (server?.role === 'primary') {
        const epoch = ownEpoch(node, answer.view);
        this.#heard.set(node, { at: answer.sentAt, server, epoch });
        this.#reign(node, reignOf(server, epoch));
        this.#take(node, answer.sentAt, server);
      }
      if (remembers === undefined || remembers === null) continue;
      this.#reign(remembers.node, reignOf(remembers.server, remembers.epoch));
      this.#take(remembers.node, answer.sentAt - remembers.ageMs, remembers.server);
    }
    this.#clocks.mark(now);
  }

  #reign(node: NodeName, reign: Reign): void {
    if (compareReigns(reign, this.#reigns.get(node) ?? NO_REIGN) > 0) this.#reigns.set(node, reign);
  }

  /**
   * Who wrote last, as far as anybody saw. A claim in vain makes its claimant the holder of the newest lease, and no primary: another node that
   * was primary in a later reign than it ever was wrote last then (simulation seed -3079452), whether this node ever heard it or not. Null
   * where no other node was seen to be primary; the holder where it never was: of it nothing is known then.
   */
  former(self: NodeName, holder: NodeName | null, others: readonly NodeName[], now: number): NodeName | null {
    const isKnown = (it: NodeName): boolean => this.of(it, now).kind === 'known';
    const before = holder === self ? null : holder;
    if (before !== null && !isKnown(before)) return before;
    const reign = (it: NodeName): Reign => this.#reigns.get(it) ?? NO_REIGN;
    const named = new Set([...(before === null ? [] : [before]), ...others, ...this.#reported.keys()]);
    // Of one reign the holder, whom sorting leaves in front.
    const [last] = [...named]
      .filter((it) => it !== self && isKnown(it))
      .toSorted((a, b) => compareReigns(reign(b), reign(a)));
    return last ?? null;
  }

  /** The primary of the latest reign, of one reign the latest, that this node itself heard; null = none. */
  remembered(now: number): RememberedPrimary | null {
    const reign = ({ server, epoch }: Heard): Reign => reignOf(server, epoch);
    const [newest] = [...this.#heard].toSorted(
      ([, a], [, b]) => compareReigns(reign(b), reign(a)) || b.at - a.at,
    );
    if (newest === undefined) return null;
    const [node, { at, server, epoch }] = newest;
    return { node, ageMs: Math.max(0, this.#clocks.since(at, now)), server, epoch };
  }

  /**
   * What `node` last said as a primary, value by value the newest that is known; positions and heartbeat the greatest, for both only
   * grow. Unknown where it was never seen as one since this agent was started.
   */
  of(node: NodeName, now: number): Known<LastPrimary> {
    const asked = this.#probe.of(node).asPrimary;
    const reported = this.#reported.get(node) ?? null;
    const words = [asked, reported].filter((it) => it !== null).toSorted((a, b) => b.at - a.at);
    const [newest] = words;
    if (newest === undefined)
      return unknown(`${node} was not seen as a primary since this agent was started`);
    const lsn = words.reduce<Lsn | null>(
      (best, it) => (it.lsn !== null && it.lsn > (best ?? -1n) ? it.lsn : best),
      null,
    );
    const heartbeat = Math.max(...words.map((it) => it.heartbeat ?? Number.NEGATIVE_INFINITY));
    return known({
      node,
      // A standby whose host stood still, and whose witness was restarted, would take a primary of long ago for one of now (seed -3230644).
      ageMs: this.#clocks.since(newest.at, now),
      systemIdentifier: orUnknown(newest.systemIdentifier, 'system identifier'),
      timeline: orUnknown(newest.timeline, 'timeline'),
      historyHash: orUnknown(newest.historyHash, 'history'),
      lsn: orUnknown(lsn, 'end of WAL'),
      heartbeat: orUnknown(Number.isFinite(heartbeat) ? heartbeat : null, 'heartbeat'),
      synchronous: this.#wordOf(node, newest.timeline),
    });
  }

  /**
   * The later word counts, but of position and heartbeat the greatest of one reign, for both only grow, and a later reign before all: a
   * host that was stopped knows of no time that passed, and what others heard meanwhile seems to it older than its own last word.
   */
  #take(node: NodeName, at: number, server: ServerReport): void {
    const before = this.#reported.get(node);
    const { systemIdentifier, timeline, historyHash } = server;
    const goesOn = before !== undefined && before.timeline === timeline;
    const told = server.lsn === null ? null : parseLsn(server.lsn);
    const [lsn, heartbeat] = [before?.lsn ?? null, before?.heartbeat ?? null];
    const grown = goesOn
      ? { lsn: greatest(told, lsn), heartbeat: greatest(server.heartbeat, heartbeat) }
      : { lsn: told ?? lsn, heartbeat: server.heartbeat ?? heartbeat };
    const isLaterReign = (timeline ?? 0) > (before?.timeline ?? 0);
    if (before !== undefined && at < before.at && !isLaterReign) {
      if (goesOn) this.#reported.set(node, { ...before, ...grown });
      return;
    }
    const latest = Math.max(at, before?.at ?? at);
    this.#reported.set(node, { at: latest, systemIdentifier, timeline, historyHash, ...grown });
    this.#takeWord(node, server);
  }

  /** A report without a word leaves the one before, unless it is of another reign. */
  #takeWord(node: NodeName, { timeline, synchronous }: ServerReport): void {
    if (timeline === null) return;
    if (synchronous !== null) this.#words.set(node, { timeline, word: synchronous });
    else if (this.#words.get(node)?.timeline !== timeline) this.#words.delete(node);
  }

  #wordOf(node: NodeName, timeline: number | null): Known<SynchronousWord> {
    const said = this.#words.get(node);
    return said !== undefined && said.timeline === timeline
      ? known(said.word)
      : unknown('its agent has not told whether its commits wait for standbys');
  }
}

function reignOf({ dataEpoch }: ServerReport, leaseEpoch: number): Reign {
  return [dataEpoch ?? 0, leaseEpoch];
}

/** Above zero where `a` is the later one. */
function compareReigns([aData, aLease]: Reign, [bData, bLease]: Reign): number {
  return aData - bData || aLease - bLease;
}

/** Of the lease that a node's own vote says is its own; 0 = of none. */
function ownEpoch(
  node: NodeName,
  { lease, transferredTo }: NonNullable<OtherNode['answer']>['view'],
): number {
  return lease?.holder === node && transferredTo === null ? lease.epoch : 0;
}

function greatest<T extends bigint | number>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function orUnknown<T>(value: T | null, what: string): Known<T> {
  return value === null ? unknown(`the last primary's ${what} was not seen`) : known(value);
}
