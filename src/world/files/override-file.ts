/** A person's override of the voters on tmpfs: an agent that is restarted goes on with it, and a reboot ends it. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { countOf, objectOf, textOf } from '../json-fields.ts';
import { readOptional } from './read-optional.ts';

export interface OverrideRecord {
  /** Of the lease that is held under it. */
  readonly epoch: number;
  readonly uuid: string;
  /** When it ends at the latest, boot-time milliseconds. */
  readonly untilMs: number;
  /** The person's own words. */
  readonly reason: string;
  /** When it was given, RFC 3339 by this host's wall clock: for people. */
  readonly at: string;
}

/** Null where there is none. What cannot be understood is unknown, which is no override. */
export async function readOverrideFile(path: string): Promise<Known<OverrideRecord | null>> {
  try {
    const text = await readOptional(path);
    return known(text === null ? null : parseOverride(text));
  } catch (error) {
    return unknown(`cannot read override ${path}: ${errorText(error)}`);
  }
}

/** Replaces the file by rename, synchronously like the lease's deadline (lease-file.ts). Throws the system's error. */
export function writeOverrideFile(path: string, override: OverrideRecord): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(override)}\n`, { mode: 0o644 });
  renameSync(temporary, path);
}

/** Nothing where there is none. Throws the system's error. */
export function removeOverrideFile(path: string): void {
  rmSync(path, { force: true });
}

function parseOverride(text: string): OverrideRecord {
  const it = objectOf(JSON.parse(text), 'override');
  return {
    epoch: countOf(it['epoch'], 'epoch'),
    uuid: textOf(it['uuid'], 'uuid'),
    untilMs: countOf(it['untilMs'], 'untilMs'),
    reason: textOf(it['reason'], 'reason'),
    at: textOf(it['at'], 'at'),
  };
}
