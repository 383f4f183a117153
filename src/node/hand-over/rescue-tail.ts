/** Fetches what this standby lacks of a dead primary's WAL, and waits until it is replayed. */
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import type { Endpoint } from '../procedures/context.ts';
import type { HandOverContext } from './context.ts';

export type RescueOutcome =
  /** Everything that the certificate covers is replayed. `fetchedBytes` 0: it was there already. */
  | { readonly kind: 'complete'; readonly fetchedBytes: number; readonly seconds: number }
  /** The limit passed; `from` is what was replayed (null = not even that is known), `to` the certificate's end. */
  | {
      readonly kind: 'gap';
      readonly bytes: number | null;
      readonly from: Lsn | null;
      readonly to: Lsn;
      readonly reason: string;
      readonly seconds: number;
    };

/**
 * At most `rescueSeconds`. `holder`: the dead primary's agent, by each of its addresses (`walEndpoints`). Never throws but on abort; in the
 * end the WAL receiver is stopped, and only a promotion or `endRescue` lets the standby go on as before.
 */
export function rescueTail(
  _context: HandOverContext,
  _certificate: DeathCertificate,
  _holder: readonly Endpoint[],
  _signal: AbortSignal,
): Promise<RescueOutcome> {
  throw new Error('not built yet');
}
