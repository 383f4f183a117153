/** Whether the VIP is here, by the kernel, and since when it is not although keepalived may carry it. */
import { readFileSync } from 'node:fs';
import { known, type Known } from '../../core/model/known.ts';
import { bootMillis } from '../../world/clock.ts';
import { lookAtVip } from '../../world/network/addresses.ts';

/** What the keeper's facts say of the VIP. */
export interface VipFacts {
  readonly vipHere: Known<boolean>;
  /** Boot-time milliseconds; null = the VIP is here, the gate is not open, or one of them cannot be read. */
  readonly vipMissingSince: number | null;
}

/** The kernel's table is read five times a second: nobody else may add the VIP, and the fuse looks as well. */
const LOOK_MS = 200;
const OPEN = '0';

/** Looks when it is asked, and not more often than it must. */
export function createVipWatch(address: string, gateFile: string): () => VipFacts {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let last: VipFacts = {
    vipHere: { kind: 'unknown', reason: 'not looked at yet' },
    vipMissingSince: null,
  };
  return () => {
    const now = bootMillis();
    // Where it was seen it may be gone by now, and a fence for nothing would be the price.
    const wasHere = last.vipHere.kind === 'known' && last.vipHere.value;
    if (!wasHere && now - lookedAt < LOOK_MS) return last;
    const seen = lookAtVip(address);
    const vipHere = seen.kind === 'known' ? known(seen.value.present) : seen;
    const isMissing = vipHere.kind === 'known' && !vipHere.value && isOpen(gateFile);
    last = { vipHere, vipMissingSince: isMissing ? (last.vipMissingSince ?? now) : null };
    lookedAt = now;
    return last;
  };
}

/** On tmpfs. What cannot be read is not known to be open. */
function isOpen(gateFile: string): boolean {
  try {
    return readFileSync(gateFile, 'utf8').trim() === OPEN;
  } catch {
    return false;
  }
}
