/** What the story of a drill is told with: faults, waits with a limit, and the moments that its figures are counted from. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { CLUSTER } from '../configure/cluster.ts';
import { breakLab, mendLab } from '../faults/strike.ts';
import { holdsAddress } from '../measure/addresses.ts';
import { firstDualWrite, readBeats, writableNow } from '../measure/beats.ts';
import { wasFencedWritable } from '../measure/fenced-writable.ts';
import { groundAt, readGround } from '../measure/ground.ts';
import { healthOf } from '../measure/light-health.ts';
import type { ProductLab } from '../state.ts';
import { databaseHosts, topologyOf } from '../topology.ts';
import { endedWell, haltOf, readJournal } from './journal.ts';

const TAKEOVER_LIMIT_MS = 60_000;
const SECOND_WRITER_LIMIT_MS = 15_000;
const REPAIR_LIMIT_MS = 120_000;
const INTERVAL_MS = 100;

export interface StageOptions {
  /** No fault that stands for a given time stands longer than this; null: as long as the story says. */
  readonly standSeconds: number | null;
  /** How often what is repeated is repeated; null: as often as the story says. */
  readonly repetitions: number | null;
}

/** A story as it is written. */
export const IN_FULL: StageOptions = { standSeconds: null, repetitions: null };

/** A moment worth a line for people. */
export interface Note {
  readonly at: number;
  readonly text: string;
}

export class Stage {
  readonly lab: ProductLab;
  readonly #options: StageOptions;
  #struck: number | null = null;
  #begun: number | null = null;
  #lastStruck: number | null = null;
  #mended: number | null = null;
  #secondWriter: number | null = null;
  readonly #counts: Record<string, number> = {};
  readonly #notes: Note[] = [];

  constructor(lab: ProductLab, options: StageOptions) {
    this.lab = lab;
    this.#options = options;
  }

  /** When the first fault of the act was asked for, milliseconds since 1970; null before it. */
  get struck(): number | null {
    return this.#struck;
  }

  /** The same of the whole story, however many acts it has. */
  get begun(): number | null {
    return this.#begun;
  }

  /** When the last fault was asked for. */
  get lastStruck(): number | null {
    return this.#lastStruck;
  }

  /** When the last mending began; null where nothing was mended. */
  get mended(): number | null {
    return this.#mended;
  }

  /** When the second host accepted its first insert; null where the story did not wait for it. */
  get secondWriterAt(): number | null {
    return this.#secondWriter;
  }

  /** Figures of this drill alone. */
  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** Remembers this moment for the time line. */
  note(text: string): void {
    this.#notes.push({ at: Date.now(), text });
  }

  count(name: string, add: number): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + add;
  }

  /** Makes a fault; the first one is time zero. */
  async strike(fault: string, host?: string, others: readonly string[] = []): Promise<void> {
    const first = this.#struck === null;
    // Also a fault that is refused was asked for.
    this.#lastStruck = Date.now();
    this.#struck ??= this.#lastStruck;
    this.#begun ??= this.#struck;
    const { at } = await breakLab(this.lab.name, fault, host, others);
    this.#lastStruck = at;
    if (first) this.#struck = at;
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
    this.#lastStruck = Date.now();
    this.#struck ??= this.#lastStruck;
    this.#begun ??= this.#struck;
    await run();
  }

  /** A new act: its first fault is time zero, and what was before it is not counted. */
  newAct(): void {
    this.#struck = null;
    this.#mended = null;
  }

  /** Undoes a fault after the repair, which is not counted from here. */
  async restore(fault: string, host: string): Promise<void> {
    await mendLab(this.lab.name, fault, host);
  }

  /** Undoes a fault, or does what an init or a person does after it: the repair is counted from here. */
  async mend(fault: string, host?: string): Promise<void> {
    this.#mended = Date.now();
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

  /** Waits until one of these hosts alone is writable and holds the VIP. */
  async takenOver(...hosts: readonly string[]): Promise<void> {
    await this.#until(`${hosts.join(' or ')} alone writable with the VIP`, TAKEOVER_LIMIT_MS, async () => {
      const now = Date.now();
      const [writer, ...more] = writableNow(await readBeats(this.lab.name), now);
      if (writer === undefined || more.length > 0 || !hosts.includes(writer)) return false;
      return groundAt(await readGround(this.lab.name), writer, 'vip', now) === '1';
    });
  }

  /** Waits until a second host accepted an insert: from then on there are two primaries. */
  async secondWriter(): Promise<void> {
    await this.#until('an insert accepted by a second host', SECOND_WRITER_LIMIT_MS, async () => {
      const moment = firstDualWrite(await readBeats(this.lab.name));
      if (moment === null || moment < (this.#struck ?? 0)) return false;
      this.#secondWriter = moment;
      return true;
    });
  }

  /** Waits until this host, promoted where it should not be, accepted an insert, or was fenced as a primary before it accepted one. */
  async secondWriterOrFence(host: string): Promise<void> {
    const since = this.#struck ?? 0;
    const what = `an insert accepted by ${host}, or its fence as a primary`;
    await this.#until(what, SECOND_WRITER_LIMIT_MS, async () => {
      const moment = firstDualWrite(await readBeats(this.lab.name));
      if (moment === null || moment < since) return wasFencedWritable(this.lab.name, host, since);
      this.#secondWriter = moment;
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
    const topology = topologyOf(this.lab.name, this.lab.nodes);
    await this.#until(
      'a whole cluster',
      REPAIR_LIMIT_MS,
      async () => (await healthOf(this.lab, topology)) === null,
    );
  }

  /** Waits until the responder's remediation ended well; what makes it wait for a person ends the story. */
  async remediated(): Promise<void> {
    await this.#until('a remediation that ended well', REPAIR_LIMIT_MS, async () => {
      const entries = await readJournal(this.lab.page, CLUSTER, this.#struck ?? 0);
      if (entries.some(endedWell)) return true;
      const halt = entries.map(haltOf).find((text) => text !== null);
      if (halt === undefined) return false;
      throw new PrimacyError('postcondition-missing', `cannot see the repair: ${halt}`);
    });
  }

  /** Inserts that a host accepted since the first fault: rows on the wrong node where it must not be writable. */
  async insertsAcceptedBy(host: string): Promise<number> {
    const beats = await readBeats(this.lab.name);
    return beats.filter((beat) => beat.host === host && beat.writable && beat.at >= (this.#struck ?? 0))
      .length;
  }

  /** Ends the story unless only these hosts accepted inserts since the first fault. */
  async onlyWriters(...hosts: readonly string[]): Promise<void> {
    const others = databaseHosts(topologyOf(this.lab.name, this.lab.nodes)).filter(
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

  async #until(what: string, limitMs: number, look: () => Promise<boolean>): Promise<void> {
    const seen = await pollUntil(systemClock, limitMs, INTERVAL_MS, async () =>
      (await look()) ? true : undefined,
    );
    if (seen === undefined)
      throw new PrimacyError('timeout', `cannot see ${what} within ${limitMs / 1_000} s`);
  }
}
