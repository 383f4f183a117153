/** Makes a running server read its configuration files again. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { postmasterOf, processesOf } from './processes.ts';

/** SIGHUP to the postmaster. Throws `postcondition-missing` where there is none any more. */
export async function reloadPostgres(dataDirectory: string): Promise<void> {
  const postmaster = postmasterOf(await processesOf(dataDirectory));
  if (postmaster === null)
    throw new PrimacyError(
      'postcondition-missing',
      `cannot reload PostgreSQL in ${dataDirectory}: it does not run`,
      { retryable: true },
    );
  process.kill(postmaster.pid, 'SIGHUP');
}
