/** Keeps replication slots in order over a change of primary: says which logical ones are lost, and drops what would hold WAL for ever. */
import {
  slotsAsPrimary,
  unusedOnPrimary,
  unusedOnStandby,
  NO_SLOTS,
  type KnownStandby,
  type SlotsNow,
} from '../../core/guard/decide-slots.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import {
  describeLostSlot,
  lostSlots,
  type LostSlot,
  type ReplicationSlot,
} from '../../core/model/replication-slot.ts';
import {
  NOTHING_KEPT,
  readSlotMemory,
  writeSlotMemory,
  type SlotMemory,
} from '../../world/files/slot-memory.ts';
import type { PostgresSample } from '../../world/postgres/sample-row.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';
import { dropSlot, readSlots } from '../../world/postgres/slots.ts';
import type { Log } from '../log.ts';
import type { PeerProbe } from '../peer-probe.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { stepsOf } from '../procedures/run-step.ts';
import { orderOfJoin } from '../start/join-order.ts';

export interface SlotKeeperParts {
  readonly context: ProcedureContext;
  readonly path: string;
  readonly session: PostgresSession;
  readonly probe: Pick<PeerProbe, 'of'>;
  readonly log: Log;
}

export class SlotKeeper {
  readonly #parts: SlotKeeperParts;
  #memory: SlotMemory;
  /** Whose standby this node was seen to be lately; null on a primary. */
  #following: NodeName | null = null;

  private constructor(parts: SlotKeeperParts, memory: SlotMemory) {
    this.#parts = parts;
    this.#memory = memory;
  }

  /** A file that cannot be understood is left behind with a word in the log: it only names what could be dropped. */
  static async load(parts: SlotKeeperParts): Promise<SlotKeeper> {
    try {
      return new SlotKeeper(parts, await readSlotMemory(parts.path));
    } catch (error) {
      parts.log.error({ error: errorText(error) }, 'cannot read which slots this node had');
      return new SlotKeeper(parts, NOTHING_KEPT);
    }
  }

  /** Logical slots that this primary does not have and its predecessor had. */
  get lost(): readonly LostSlot[] {
    return this.#memory.lost;
  }

  /** On a settled primary: remembers, and drops the slots of standbys that follow without one. */
  async keepOnPrimary(sample: PostgresSample): Promise<void> {
    this.#following = null;
    const now: SlotsNow = {
      slots: sample.slots,
      streaming: sample.senders.flatMap((it) => (it.state === 'streaming' ? [it.clientAddress ?? ''] : [])),
      standbys: this.#standbys(),
    };
    const asPrimary = slotsAsPrimary(this.#memory.asPrimary, now);
    const here = new Set(sample.slots.map((it) => it.name));
    await this.#keep({ asPrimary, lost: this.#memory.lost.filter((it) => !here.has(it.name)) });
    await this.#drop(unusedOnPrimary(asPrimary, now), 'its standby streams without a slot');
  }

  /** On a standby that streams from `holder`: drops what is left of its time as primary. */
  async keepOnStandby(sample: PostgresSample, holder: NodeName): Promise<void> {
    this.#following = holder;
    await this.#drop(unusedOnStandby(this.#memory.asPrimary, sample.slots), `${holder} is primary now`);
    await this.#keep({ asPrimary: NO_SLOTS, lost: [] });
  }

  /** Called once this node is primary: sentences about the logical slots that its predecessor had and it has not. Never rejects. */
  async promoted(): Promise<readonly string[]> {
    const former = this.#following;
    this.#following = null;
    if (former === null) return [];
    const before = this.#parts.probe.of(former).asPrimary;
    if (before === null) return [`the slots of ${former} were not seen since this agent was started`];
    try {
      const now = await readSlots(this.#parts.session, this.#limitMs());
      const lost = lostSlots(former, before.slots, now);
      await this.#keep({ ...this.#memory, lost });
      return lost.map(describeLostSlot);
    } catch (error) {
      this.#parts.log.error({ error: errorText(error) }, 'cannot tell which slots were lost');
      return [`the slots of this node could not be read: ${errorText(error)}`];
    }
  }

  #standbys(): readonly KnownStandby[] {
    const { context, probe } = this.#parts;
    return context.cluster.nodes.flatMap(({ name, addresses }) => {
      const { answered } = probe.of(name as NodeName);
      return answered?.role === 'standby' ? [{ node: name, addresses, slot: answered.receiverSlot }] : [];
    });
  }

  async #keep(memory: SlotMemory): Promise<void> {
    if (JSON.stringify(memory) === JSON.stringify(this.#memory)) return;
    this.#memory = memory;
    await writeSlotMemory(this.#parts.path, memory);
  }

  async #drop(slots: readonly ReplicationSlot[], why: string): Promise<void> {
    if (slots.length === 0) return;
    const { context, session } = this.#parts;
    const step = stepsOf(context, 'keep-slots', await orderOfJoin(context));
    for (const slot of slots)
      await step(
        'drop-slot',
        () => dropSlot(session, slot.name, this.#limitMs()),
        () => `${JSON.stringify(slot)}: ${why}`,
      );
  }

  #limitMs(): number {
    return this.#parts.context.cluster.timings.sqlStatementSeconds * 1_000;
  }
}
