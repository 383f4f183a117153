/** Whether a host's commits wait for a standby, as its PostgreSQL itself says. */
import { poweredInit, runInside } from '../hosts/enter.ts';

const STANDBYS =
  "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum') and state = 'streaming'";

/** How many standbys a commit on this host waits for at this moment, or may choose from. Throws where the host or its server is off. */
export async function synchronousStandbys(lab: string, host: string): Promise<number> {
  const output = await runInside(await poweredInit(lab, host), {
    program: 'psql',
    arguments: ['-XAtc', STANDBYS],
    user: 'postgres',
    timeoutMs: 5_000,
  });
  return Number(output.trim());
}
