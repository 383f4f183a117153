/** What the story of a drill is told with: faults, waits with a limit, and the moments that its figures are counted from. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { CLUSTER } from '../configure/cluster.ts';
import { breakLab, mendLab } from '../faults/strike.ts';
import { holdsAddress } from '../measure/addresses.ts';
import { firstDualWrite, readBeats, writableIntervals, writableNow, type Beat } from '../measure/beats.ts';
import { wasFencedWritable } from '../measure/fenced-writable.ts';
import { groundAt, readGround } from '../measure/ground.ts';
import { healthOf } from '../measure/light-health.ts';
import { isReadyToSucceed, isStandby } from '../measure/ready.ts';
import type { ProductLab } from '../state.ts';
import { databaseHosts, topologyOf } from '../topology.ts';
import { isExpected } from './alarms.ts';
import { endedWell, haltOf, readJournal } from './journal.ts';
import type { Alarms, StageOptions } from './stage-options.ts';
import { StageRecord } from './stage-record.ts';

const TAKEOVER_LIMIT_MS = 60_000;
const SECOND_WRITER_LIMIT_MS = 15_000;
const REPAIR_LIMIT_MS = 120_000;
const INTERVAL_MS = 100;

export class Stage extends StageRecord {
  readonly lab: ProductLab;
  readonly #options: StageOptions;
  readonly #alarms: Alarms;
  constructor(lab: ProductLab, options: StageOptions, alarms: Alarms) {
    super();
    this.lab = lab;
    this.#options = options;
    this.#alarms = alarms;
  }

  /** Makes a fault; the first one is time zero. */
  async strike(fault: string, host?: string, others: readonly string[] = []): Promise<void> {
    // Also a fault that is refused was asked for.
    const first = this.askedAt(Date.now());
    const { at } = await breakLab(this.lab.name, fault, host, others);
    this.madeAt(at, first);
  }

  /** Makes a fault before time zero, so that the one that counts comes at a bad moment. */
  async prepare(fault: string, host: string): Promise<void> {
    await breakLab(this.lab.name, fault, host, []);
  }

  /** Makes a fault that the lab itself may see refused. True where it was. */
  async refusal(fault: string, host: string): Promise<boolean> {
    try {
      await this.strike(fault, host);
      return false;
    } catch (error) {
      if (error instanceof PrimacyError && error.code === 'command-failed') return true;
      throw error;
    }
  }

  /** What is no fault, such as a planned change: the act begins with it. */
  async act(run: () => Promise<void>): Promise<void> {
    this.askedAt(Date.now());
    await run();
  }

  /** Undoes a fault after the repair, which is not counted from here. */
  async restore(fault: string, host: string): Promise<void> {
    await mendLab(this.lab.name, fault, host);
  }

  /** Undoes a fault, or does what an init or a person does after it: the repair is counted from here. */
  async mend(fault: string, host?: string): Promise<void> {
    this.mendedAt(Date.now());
    await mendLab(this.lab.name, fault, host);
  }

  /** How often, where the story says `times`. */
  repetitions(times: number): number {
    return this.#options.repetitions ?? times;
  }

  /** Lets the fault stand for a while. */
  async stand(seconds: number): Promise<void> {
    await systemClock.wait(Math.min(seconds, this.#options.standSeconds ?? seconds) * 1_000);
  }

  /** Lets the fault stand until every alert of the drill has fired, or its bound has passed: the verdict is that of the end. */
  async alarmed(): Promise<void> {
    if (!this.#options.judgeAlerts) return;
    const begun = this.begun ?? Date.now();
    for (const expected of this.#alarms.expected) {
      const left = begun + expected.within * 1_000 - Date.now();
      await pollUntil(systemClock, Math.max(0, left), INTERVAL_MS, async () => {
        const fired = this.#alarms.seen().some((it) => it.firedAt >= begun && isExpected(expected, it));
        return Promise.resolve(fired ? true : undefined);
      });
    }
  }

  /** Waits until one of these hosts alone is writable and holds the VIP. */
  async takenOver(...hosts: readonly string[]): Promise<void> {
    await this.#until(`${hosts.join(' or ')} alone writable with the VIP`, TAKEOVER_LIMIT_MS, async () =>
      this.#servesAlone(hosts, await readBeats(this.lab.name)),
    );
  }

  /** The same of the host that was struck: an insert of the second before tells nothing, it must have been gone since. */
  async backAgain(host: string): Promise<void> {
    const since = this.lastStruck ?? 0;
    await this.#until(`${host} gone, and alone writable with the VIP again`, TAKEOVER_LIMIT_MS, async () => {
      const beats = await readBeats(this.lab.name);
      const newest = writableIntervals(beats).findLast((it) => it.host === host);
      return newest !== undefined && newest.from > since && this.#servesAlone([host], beats);
    });
  }

  async #servesAlone(hosts: readonly string[], beats: readonly Beat[]): Promise<boolean> {
    const now = Date.now();
    const [writer, ...more] = writableNow(beats, now);
    if (writer === undefined || more.length > 0 || !hosts.includes(writer)) return false;
    return groundAt(await readGround(this.lab.name), writer, 'vip', now) === '1';
  }

  /** Waits until a second host accepted an insert: from then on there are two primaries. */
  async secondWriter(): Promise<void> {
    await this.#until('an insert accepted by a second host', SECOND_WRITER_LIMIT_MS, async () => {
      const moment = firstDualWrite(await this.#beatsSinceStruck());
      if (moment === null) return false;
      this.secondWroteAt(moment);
      return true;
    });
  }

  /** Waits until this host, promoted where it should not be, accepted an insert, or was fenced as a primary before it accepted one. */
  async secondWriterOrFence(host: string): Promise<void> {
    const since = this.struck ?? 0;
    const what = `an insert accepted by ${host}, or its fence as a primary`;
    await this.#until(what, SECOND_WRITER_LIMIT_MS, async () => {
      const moment = firstDualWrite(await this.#beatsSinceStruck());
      if (moment === null) return wasFencedWritable(this.lab.name, host, since);
      this.secondWroteAt(moment);
      return true;
    });
  }

  /** Waits until a host's kernel does not have the VIP, whatever brought it there. */
  async noVip(host: string): Promise<void> {
    await this.#until(`no VIP on ${host}`, REPAIR_LIMIT_MS, async () => {
      return !(await holdsAddress(this.lab.name, host, this.lab.vip));
    });
  }

  /** Waits until the cluster is whole again: one primary with the VIP, its standbys streaming. */
  async whole(): Promise<void> {
    const topology = topologyOf(this.lab.name, this.lab.nodes, this.lab.witness);
    await this.#until(
      'a whole cluster',
      REPAIR_LIMIT_MS,
      async () => (await healthOf(this.lab, topology)) === null,
    );
  }

  /** The same after a fault that nobody can miss: it is waited for first, for what is seen a moment after the fault was seen before it. */
  async wholeAgain(): Promise<void> {
    const topology = topologyOf(this.lab.name, this.lab.nodes, this.lab.witness);
    await this.#until(
      'what the fault did',
      SECOND_WRITER_LIMIT_MS,
      async () => (await healthOf(this.lab, topology)) !== null,
    );
    await this.whole();
  }

  /** Waits until a standby would be given the lease: one that was looked at anew is not trusted at once. */
  async ready(host: string): Promise<void> {
    await this.#until(`${host} ready to succeed`, TAKEOVER_LIMIT_MS, () =>
      isReadyToSucceed(this.lab.prometheus, host),
    );
  }

  /** Waits until a host's server is a standby, whoever it streams from. */
  async standby(host: string): Promise<void> {
    await this.#until(`${host} a standby`, TAKEOVER_LIMIT_MS, () => isStandby(this.lab.prometheus, host));
  }

  /** Waits until the responder's remediation ended well; what makes it wait for a person ends the story. */
  async remediated(): Promise<void> {
    await this.#until('a remediation that ended well', REPAIR_LIMIT_MS, async () => {
      const entries = await readJournal(this.lab.page, CLUSTER, this.struck ?? 0);
      if (entries.some(endedWell)) return true;
      const halt = entries.map(haltOf).find((text) => text !== null);
      if (halt === undefined) return false;
      throw new PrimacyError('postcondition-missing', `cannot see the repair: ${halt}`);
    });
  }

  /** Inserts that a host accepted since the first fault: rows on the wrong node where it must not be writable. */
  async insertsAcceptedBy(host: string): Promise<number> {
    const beats = await this.#beatsSinceStruck();
    return beats.filter((beat) => beat.host === host && beat.writable).length;
  }

  /** Ends the story unless only these hosts accepted inserts since the first fault. */
  async onlyWriters(...hosts: readonly string[]): Promise<void> {
    const others = databaseHosts(topologyOf(this.lab.name, this.lab.nodes, this.lab.witness)).filter(
      (it) => !hosts.includes(it.name),
    );
    for (const { name } of others) {
      const inserts = await this.insertsAcceptedBy(name);
      if (inserts === 0) continue;
      throw new PrimacyError(
        'postcondition-missing',
        `cannot go on: ${name} accepted ${inserts} inserts and must not have`,
      );
    }
  }

  /** What was before the act is not of it, also in a lab that has seen other drills. */
  async #beatsSinceStruck(): Promise<readonly Beat[]> {
    return (await readBeats(this.lab.name)).filter((beat) => beat.at >= (this.struck ?? 0));
  }

  async #until(what: string, limitMs: number, look: () => Promise<boolean>): Promise<void> {
    const seen = await pollUntil(systemClock, limitMs, INTERVAL_MS, async () =>
      (await look()) ? true : undefined,
    );
    if (seen === undefined)
      throw new PrimacyError('timeout', `cannot see ${what} within ${limitMs / 1_000} s`);
  }
}
