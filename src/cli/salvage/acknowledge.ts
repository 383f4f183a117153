/** `salvage acknowledge`: who is done with a bundle, and why. */
import type { AcknowledgeReport } from '../../node/salvage/acknowledge-bundle.ts';
import { acknowledgeBundle } from '../../node/salvage/acknowledge-bundle.ts';
import { personAsking, wordsOf } from '../guarded/person.ts';
import { printLines } from '../ask/print.ts';
import { findBundle, type PlaceFlags } from './places.ts';

export interface AcknowledgeFlags extends PlaceFlags {
  readonly reason?: string;
}

export async function acknowledge(wanted: string, flags: AcknowledgeFlags): Promise<void> {
  const why = wordsOf(flags.reason, 'acknowledge a bundle');
  const bundle = await findBundle(wanted, flags);
  const mark = { at: new Date().toISOString(), by: personAsking(), why };
  const report = await acknowledgeBundle(bundle, mark);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else printLines([sentenceOf(report)]);
}

function sentenceOf(report: AcknowledgeReport): string {
  const { bundle, clientTransactions, by, at, why, alreadyAcknowledged } = report;
  const what = `${bundle}: ${clientTransactions} client transactions stay out of the database`;
  return alreadyAcknowledged
    ? `${what}; ${by} said so before${at === null ? '' : ` at ${at}`}: ${why}; nothing was changed`
    : `${what}, by the word of ${by}: ${why}`;
}
