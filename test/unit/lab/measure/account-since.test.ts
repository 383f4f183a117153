/** The account of one drill in a lab that has seen others is what was added to the one before. */
import { describe, expect, it } from 'vitest';
import { accountSince } from '../../../../src/lab/measure/account-since.ts';
import type { LabAccount } from '../../../../src/lab/measure/account.ts';

const account = (over: Partial<LabAccount>): LabAccount => ({
  acknowledged: 0,
  onPrimary: 0,
  onlyInBundle: 0,
  nowhere: 0,
  nowhereIds: [],
  writeOutages: [],
  dualPrimarySeconds: 0,
  bundles: [],
  ...over,
});
const bundle = (path: string): LabAccount['bundles'][number] => ({ path, transactions: 1, rows: 1 });
const outage = (millis: number): LabAccount['writeOutages'][number] => ({
  from: new Date(millis).toISOString(),
  seconds: 1,
});

describe('the account of one drill', () => {
  const before = account({ acknowledged: 100, onPrimary: 98, onlyInBundle: 2, bundles: [bundle('a')] });
  const after = account({
    acknowledged: 150,
    onPrimary: 145,
    onlyInBundle: 4,
    nowhere: 1,
    nowhereIds: [7],
    writeOutages: [outage(1_000), outage(3_000)],
    bundles: [bundle('a'), bundle('b')],
  });

  it('is what was added, and every row that is nowhere', () => {
    expect(accountSince(before, after, 2_000)).toEqual({
      acknowledged: 50,
      onPrimary: 47,
      onlyInBundle: 2,
      nowhere: 1,
      nowhereIds: [7],
      writeOutages: [outage(3_000)],
      dualPrimarySeconds: 0,
      bundles: [bundle('b')],
    });
  });

  it('is all of it in a new lab', () => {
    expect(accountSince(null, after, 2_000)).toEqual(after);
  });
});
