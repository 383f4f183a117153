/** Keeps a person's override on tmpfs for as long as the lease machine is under one: with it an agent that is restarted goes on. */
import type { HolderState } from '../../core/lease/holder.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import { OVERRIDE_SECONDS } from '../../core/lease/override-seconds.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import {
  readOverrideFile,
  removeOverrideFile,
  writeOverrideFile,
  type OverrideRecord,
} from '../../world/files/override-file.ts';
import type { Log } from '../log.ts';

export class OverrideKeeper {
  readonly #path: string;
  readonly #log: Log;
  #words: Pick<OverrideRecord, 'reason' | 'at'>;
  #kept: OverrideRecord | null;
  /** What an earlier agent left may still lie there. */
  #mayLie = true;
  #failing = false;

  /** `inherited`: what the file holds already, of an earlier agent whose override goes on. */
  constructor(path: string, log: Log, inherited: OverrideRecord | null) {
    this.#path = path;
    this.#log = log;
    this.#kept = inherited;
    this.#words = inherited ?? { reason: '', at: '' };
  }

  /** The override that the machine was last seen under; null = none. */
  get kept(): OverrideRecord | null {
    return this.#kept;
  }

  /** The words of the override that is asked of the machine next. */
  announce(reason: string): void {
    this.#words = { reason, at: new Date().toISOString() };
  }

  /** Writes what has begun and removes what has ended. To be called after each step of the machine, before anything rests on it. */
  follow(holder: HolderState): void {
    const before = this.#kept;
    this.#kept = this.#recordOf(holder);
    if (this.#kept === null) {
      if (before !== null) this.#log.info({ epoch: before.epoch, reason: before.reason }, 'override ended');
      if (this.#mayLie) this.#mayLie = !this.#try('remove', () => removeOverrideFile(this.#path));
    } else if (this.#kept !== before) {
      const { epoch, uuid, untilMs } = this.#kept;
      if (before === null) this.#log.warn({ epoch, ...this.#words }, 'override began');
      this.#mayLie = true;
      this.#try('write', () => writeOverrideFile(this.#path, { epoch, uuid, untilMs, ...this.#words }));
    }
  }

  #recordOf(holder: HolderState): OverrideRecord | null {
    if (holder.kind !== 'holding' || holder.override === null) return null;
    const { epoch, uuid } = holder.lease;
    const { untilMs } = holder.override;
    const kept = this.#kept;
    const same = kept !== null && kept.epoch === epoch && kept.uuid === uuid && kept.untilMs === untilMs;
    return same ? kept : { epoch, uuid, untilMs, reason: this.#words.reason, at: this.#words.at };
  }

  /** False where it failed, which is logged once. What cannot be written only ends with this agent. */
  #try(what: 'write' | 'remove', action: () => void): boolean {
    try {
      action();
      this.#failing = false;
      return true;
    } catch (error) {
      if (!this.#failing) this.#log.error({ error: errorText(error) }, `cannot ${what} the override file`);
      this.#failing = true;
      return false;
    }
  }
}

/** What an earlier agent left for this lease, which goes on. A moment further away than any override is long is none of this boot. */
export async function readOverrideLeftBehind(
  path: string,
  lease: LeaseId,
  now: number,
  log: Log,
): Promise<OverrideRecord | null> {
  const file = await readOverrideFile(path);
  if (file.kind === 'unknown') log.error({ error: file.reason }, 'the override is not gone on with');
  const override = file.kind === 'known' ? file.value : null;
  if (override === null || override.epoch !== lease.epoch || override.uuid !== lease.uuid) return null;
  const leftMs = override.untilMs - now;
  return leftMs > 0 && leftMs <= OVERRIDE_SECONDS.most * 1_000 ? override : null;
}
