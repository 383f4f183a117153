/** The account of one drill in a lab that has seen others: what was added since the account before it. */
import type { LabAccount } from './account.ts';

/** `after` without what `before` already counted; a row that is nowhere is never left out. */
export function accountSince(before: LabAccount | null, after: LabAccount, since: number): LabAccount {
  if (before === null) return after;
  const known = new Set(before.bundles.map((bundle) => bundle.path));
  return {
    ...after,
    acknowledged: after.acknowledged - before.acknowledged,
    onPrimary: after.onPrimary - before.onPrimary,
    onlyInBundle: after.onlyInBundle - before.onlyInBundle,
    writeOutages: after.writeOutages.filter((outage) => Date.parse(outage.from) >= since),
    dualPrimarySeconds: after.dualPrimarySeconds - before.dualPrimarySeconds,
    bundles: after.bundles.filter((bundle) => !known.has(bundle.path)),
  };
}
