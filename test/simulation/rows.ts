/** What the clients were told is safe: how far the acknowledged writes went, and what of them a node has that becomes primary. */
import type { Host } from './host.ts';
import { WAL_PER_MS, type Position } from './server.ts';
import type { World } from './world.ts';

const SAMPLE_MS = 1_000;
/** What F10 allows by its clocks, and how old the words may be that it is judged from. */
const LOSS_MS = 10_000;
const SLACK_MS = 4_000;

/** A promotion after certain death whose tail could not be fetched. */
export const GAP_KNOWN = 'certain death without the end of the WAL';

interface Sample {
  readonly position: Position;
}

export class Rows {
  /** The greatest part of acknowledged writes that was missing on a node that became primary without a person, in milliseconds. */
  longestLossMs = 0;
  readonly #world: World;
  /** Where the one writer was, once a second; a branch that was left stays in it. */
  readonly #samples: Sample[] = [];
  /** With synchronous replication: the last place that a client was told is safe. */
  #safe: Position | null = null;
  /** Of the newest primary that acknowledged anything: from when to when it was seen to. */
  #reign = { epoch: 0, since: 0, until: 0 };
  #judges = true;

  constructor(world: World) {
    this.#world = world;
  }

  /** Looks once a second. */
  begin(): void {
    this.look();
    this.#world.queue.after(SAMPLE_MS, () => this.begin());
  }

  /** Notes how far the one writer is. */
  look(): void {
    const { ledger, hosts, now } = this.#world;
    const writers = hosts.filter((it) => ledger.acknowledges(it));
    const [writer] = writers;
    if (writer === undefined || writers.length > 1) return;
    this.#lookForward(writer);
    this.#samples.push({ position: writer.server.position(now) });
    if (writer.server.waitsForNobody) this.#safe = writer.server.position(now);
  }

  /**
   * Whoever acknowledges has the first row of each primary before it, whether it was promoted since or went on. Of one that was cut off in its
   * first lease nobody can know: it acknowledged for little longer than that.
   */
  #lookForward(writer: Host): void {
    const { ledger, hosts, now } = this.#world;
    const { dataEpoch } = writer.server;
    const { epoch, since, until } = this.#reign;
    if (dataEpoch > epoch) this.#reign = { epoch: dataEpoch, since: now, until: now };
    else if (dataEpoch === epoch) this.#reign = { epoch, since, until: now };
    // A lease, and what its fences take.
    const longest = Math.max(...hosts.map((it) => it.configuration?.terms.waitMs ?? 0));
    if (dataEpoch < epoch && until - since > longest && this.#judges && !ledger.isExcused(writer))
      ledger.note(`${writer.name} goes on from epoch ${dataEpoch} without what epoch ${epoch} wrote`);
  }

  /** A standby has flushed what its upstream has: commits that waited for that are acknowledged. */
  received(host: Host, upstream: Host): void {
    const { synchronous, ledger, now } = this.#world;
    if (!synchronous || !ledger.acknowledges(upstream) || upstream.server.waitsForNobody) return;
    this.#safe = host.server.position(now);
  }

  /** A node is about to become primary by its agent's decision: `how` in words. */
  judge(host: Host, how: string): void {
    const { ledger, now, synchronous, hosts } = this.#world;
    const { server } = host;
    if (!this.#judges) return;
    if (synchronous && this.#safe !== null && !server.contains(this.#safe, now))
      ledger.note(`${host.name} lacks acknowledged rows of a synchronous cluster, and is promoted: ${how}`);
    const lossMs = this.#lossOf(host);
    this.longestLossMs = Math.max(this.longestLossMs, lossMs);
    const longest = Math.max(...hosts.map((it) => it.configuration?.terms.waitMs ?? 0));
    // A gap that is known, because the dead primary told of it, is bounded by bytes: more than a seed writes.
    if (how === GAP_KNOWN) return;
    if (lossMs > LOSS_MS + longest + SLACK_MS)
      ledger.note(
        `${host.name} lacks the acknowledged writes of ${Math.round(lossMs / 1000)} s, and is promoted: ${how}`,
      );
  }

  /** Somebody claims beside the keeper's rules, which alone bound what may be lost: the lease is tested on, the rows are not. */
  stopJudging(): void {
    this.#judges = false;
  }

  /** What was written after the last acknowledged write that this node has, by the time it took. */
  #lossOf({ server }: Host): number {
    const last = this.#samples.at(-1);
    if (last === undefined) return 0;
    const newest = this.#samples.findLast((it) => server.contains(it.position, this.#world.now));
    return (last.position.bytes - (newest?.position.bytes ?? 0)) / WAL_PER_MS;
  }
}
