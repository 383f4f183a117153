/** What a node must remember of replication slots: those it had as primary, and those that were lost when it became primary. */
import { NO_SLOTS, type SlotsAsPrimary } from '../../core/guard/decide-slots.ts';
import type { LostSlot } from '../../core/model/replication-slot.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export interface SlotMemory {
  readonly asPrimary: SlotsAsPrimary;
  readonly lost: readonly LostSlot[];
}

export const NOTHING_KEPT: SlotMemory = { asPrimary: NO_SLOTS, lost: [] };

/** Throws `output-invalid` where the file cannot be understood. */
export async function readSlotMemory(path: string): Promise<SlotMemory> {
  const text = await readOptional(path);
  if (text === null) return NOTHING_KEPT;
  try {
    const value = JSON.parse(text) as SlotMemory;
    if (
      !isTextMap(value.asPrimary.standbys) ||
      !value.asPrimary.logical.every((it) => typeof it === 'string')
    )
      throw new PrimacyError('output-invalid', 'not a list of slots');
    if (!value.lost.every((it) => typeof it.name === 'string' && typeof it.node === 'string'))
      throw new PrimacyError('output-invalid', 'not a list of lost slots');
    return value;
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read slots ${path}`, { cause: error });
  }
}

/** Replaces the file durably. */
export async function writeSlotMemory(path: string, memory: SlotMemory): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(memory)}\n`, { mode: 0o644 });
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((it) => typeof it === 'string')
  );
}
