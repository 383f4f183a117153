/** Whether this database node was handed over to Primacy: before that an agent only observes. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { EpochMillis, NodeName, SystemIdentifier } from '../../core/model/names.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { countOf, objectOf, textOf } from '../json-fields.ts';
import { nodeName } from '../lease-fields.ts';
import { removeDurably, writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export interface Adoption {
  /** When, by this host's wall clock. */
  readonly at: EpochMillis;
  readonly node: NodeName;
  readonly systemIdentifier: SystemIdentifier;
}

/** Null where this node was not adopted. A file that cannot be understood is unknown: neither a reason to act nor to let things be. */
export async function readAdoption(path: string): Promise<Known<Adoption | null>> {
  try {
    const text = await readOptional(path);
    return known(text === null ? null : parseAdoption(text));
  } catch (error) {
    return unknown(`cannot read adoption ${path}: ${errorText(error)}`);
  }
}

/** When it returns, the adoption survives a loss of power. */
export async function writeAdoption(path: string, adoption: Adoption): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(adoption)}\n`, { mode: 0o644 });
}

/** Durably; nothing where there is none. */
export async function removeAdoption(path: string): Promise<void> {
  await removeDurably(path);
}

function parseAdoption(text: string): Adoption {
  const it = objectOf(JSON.parse(text), 'adoption');
  return {
    at: countOf(it['at'], 'at') as EpochMillis,
    node: nodeName(it['node'], 'node'),
    systemIdentifier: textOf(it['systemIdentifier'], 'systemIdentifier') as SystemIdentifier,
  };
}
