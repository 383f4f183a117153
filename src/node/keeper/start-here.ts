/** Starts this node's server, always into recovery: what comes up is a standby, and only a promotion under the lease ends that. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { processesOf } from '../../world/postgres/processes.ts';
import { logFileOf, startPostgres } from '../../world/postgres/service.ts';
import { setStandbySignal } from '../../world/postgres/server-settings.ts';
import { takeNodeLock } from '../../world/files/node-lock.ts';
import { pinServer } from '../adopt/pin-server.ts';
import type { Done, KeeperContext } from './context.ts';
import { rejoinUnderWay } from './failover-evidence.ts';

/**
 * Under the node lock. Gives a data directory lock of a proven death back first. Throws `locked` where another procedure runs, `refused`
 * where the data are half made, `command-failed` where the server does not start.
 */
export async function startHere(context: KeeperContext): Promise<Done> {
  const { cluster, node, paths, runner, memory, walServer, own } = context;
  const { postgres, timings } = cluster;
  const lock = takeNodeLock(paths.nodeLock, 'start');
  try {
    const halfMade = rejoinUnderWay(paths.rejoinManifest);
    if (halfMade.kind === 'unknown' || halfMade.value !== null)
      throw new PrimacyError(
        'refused',
        `cannot start ${node.name}: ${halfMade.kind === 'unknown' ? halfMade.reason : halfMade.value}`,
      );
    walServer.withdraw();
    await memory.releaseDeathLock();
    if ((await processesOf(postgres.dataDirectory)).length > 0) return { started: false };
    // It was the holder: nobody else can be asked for WAL, and its conninfo may be from before.
    if (own.lastPrimary !== null || context.lease.held() !== null) await pinServer(context, 'holder');
    await setStandbySignal(runner, postgres, true);
    const result = await startPostgres(runner, postgres, timings.startSeconds);
    if (result.kind === 'failed')
      throw new PrimacyError(
        'command-failed',
        `cannot start PostgreSQL on ${node.name}: ${result.stderr.trim().slice(-300)}; see ${logFileOf(postgres.dataDirectory)}`,
        { retryable: true },
      );
    return { started: result.kind === 'done' };
  } finally {
    lock.release();
  }
}
