/** What every database host's kernel and files showed, moment by moment: VIP, gate, lease and fence marker, as the probe saw them change. */
import { join } from 'node:path';
import { hostDirectory } from '../state.ts';
import { readLog } from './acknowledgements.ts';

/** Each key has one text; the empty text means that there is none. */
export const GROUND_KEYS = ['vip', 'gate', 'lease', 'fence', 'source'] as const;
/**
 * `vip`: `1` while the kernel has it. `gate`: text of the gate file. `lease`: epoch and holder of the lease file. `fence`: `1` while a
 * marker stands. `source`: address that a standby streams from.
 */
export type GroundKey = (typeof GROUND_KEYS)[number];

/** One change. */
export interface GroundChange {
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly key: GroundKey;
  readonly value: string;
}

/** Where the probe writes, on this machine. */
export function groundLog(lab: string): string {
  return join(hostDirectory(lab, 'switch'), 'log', 'ground');
}

/** Reads everything the probe recorded. */
export async function readGround(lab: string): Promise<readonly GroundChange[]> {
  return parseGround(await readLog(groundLog(lab)));
}

/** One `HOST MILLISECONDS KEY VALUE` a line, the value may be empty; an unfinished last line is not counted yet. */
export function parseGround(text: string): readonly GroundChange[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const [, host = '', at, key, value = ''] = /^(\S+) (\d+) (\S+) (.*)$/.exec(line) ?? [];
      const known = GROUND_KEYS.find((it) => it === key);
      return known === undefined ? [] : [{ host, at: Number(at), key: known, value }];
    });
}

/** The newest value of a key on a host at a moment; empty before the first. */
export function groundAt(changes: readonly GroundChange[], host: string, key: GroundKey, at: number): string {
  const last = changes.findLast((it) => it.host === host && it.key === key && it.at <= at);
  return last?.value ?? '';
}

/**
 * The first moment from `since` on at which an agent's own decision shows on its host: it closed its gate, a fence marker came to
 * stand, or a lease with another epoch began. Null where none did.
 */
export function firstDecision(changes: readonly GroundChange[], since: number): number | null {
  const decided = changes.find(
    (change) =>
      change.at >= since && isDecision(change, groundAt(changes, change.host, change.key, change.at - 1)),
  );
  return decided?.at ?? null;
}

function isDecision(change: GroundChange, before: string): boolean {
  switch (change.key) {
    case 'gate':
      return before === '0' && change.value !== '0';
    case 'fence':
      return before === '' && change.value !== '';
    case 'lease':
      return change.value !== '' && change.value !== before;
    case 'vip':
    case 'source':
      return false;
  }
}
