/** The text that identifies an account: what a rejoin and an approval are bound to. */
import type { DivergenceAccount } from '../model/account.ts';
import { formatLsn } from '../model/lsn.ts';

/** All fields but the digest, in a fixed order, as JSON with LSNs as text. Hash it with sha256. */
export function accountText(account: Omit<DivergenceAccount, 'digest'>): string {
  return JSON.stringify([
    account.node,
    account.survivor,
    account.systemIdentifier,
    account.loserTimeline,
    account.survivorTimeline,
    formatLsn(account.forkLsn),
    formatLsn(account.endLsn),
    account.bytes,
    account.transactions,
    account.clientTransactions,
    account.bundle,
  ]);
}
