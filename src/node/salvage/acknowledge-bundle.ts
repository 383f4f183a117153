/** A person's word that a bundle is done with although its rows were not put back: it waits for nobody any more. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { markAcknowledged, type AcknowledgeMark, type StoredBundle } from '../../world/files/bundle-list.ts';

export interface AcknowledgeReport extends AcknowledgeMark {
  readonly bundle: string;
  readonly path: string;
  readonly clientTransactions: number;
  /** Somebody had said so before: that word stands. */
  readonly alreadyAcknowledged: boolean;
}

/** Throws `refused` for a bundle that is not finished, and where nothing waits in it. */
export async function acknowledgeBundle(
  { name, directory, manifest, replayed, acknowledged }: StoredBundle,
  mark: AcknowledgeMark,
): Promise<AcknowledgeReport> {
  const refused = (why: string): PrimacyError =>
    new PrimacyError('refused', `cannot acknowledge bundle ${name}: ${why}`);
  if (manifest === null)
    throw refused('it was never finished; the account that began it makes it again, or removes it');
  const { clientTransactions } = manifest.account;
  if (clientTransactions === 0) throw refused('nothing waits in it, no client had changed anything');
  if (replayed !== null)
    throw refused(`nothing waits in it, ${replayed.by} put it back into ${replayed.into} at ${replayed.at}`);
  if (acknowledged === null) await markAcknowledged(directory, mark);
  return {
    bundle: name,
    path: directory,
    clientTransactions,
    ...(acknowledged ?? mark),
    alreadyAcknowledged: acknowledged !== null,
  };
}
