/** Serves the WAL of a dead primary's locked data directory to the one successor that was named, and to nobody else. */
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { DataDirectoryLock } from '../../world/postgres/data-directory-lock.ts';
import type { HandOverContext } from './context.ts';

export interface WalServer {
  /** The port it listens on. */
  readonly port: number;
  /** From now on `successor` may read what `certificate` covers, as long as `lock` stands. Replaces an earlier offer. */
  readonly offer: (certificate: DeathCertificate, successor: NodeName, lock: DataDirectoryLock) => void;
  readonly withdraw: () => void;
  readonly close: () => Promise<void>;
}

/** Listens on `agent.voterPort` by TCP (`port` 0: a free one). Throws `missing-prerequisite` where that is not possible. */
export function createWalServer(
  _context: Pick<HandOverContext, 'cluster' | 'node' | 'secret'>,
  _port: number,
): Promise<WalServer> {
  throw new Error('not built yet');
}
