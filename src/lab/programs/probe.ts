/**
 * The lab's own judge of who is writable: every 100 ms one insert on each database host's own socket, whatever the agents say.
 * Runs in the process namespace of `switch`, so that it dies with the lab, and in this machine's file system, so that it reaches every host.
 * Arguments: marker, lab, log file, database hosts.
 */
import { openSync, writeSync } from 'node:fs';
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import { systemClock } from '../../world/clock.ts';
import { hostInit } from '../hosts/processes.ts';

const [, , , lab = '', logFile = '', ...hosts] = process.argv;
const INTERVAL_MS = 100;
const LIMIT_MS = 1_000;
/** How often a powered-off host is looked for. */
const SEARCH_MS = 500;

const log = openSync(logFile, 'a');

/** One line per success, and one per change to failure: `HOST MILLISECONDS 1|0`. */
function record(host: string, writable: boolean): void {
  writeSync(log, `${host} ${Date.now()} ${writable ? 1 : 0}\n`);
}

function sessionOn(init: number): PostgresSession {
  return createSession({
    host: `/proc/${init}/root/run/postgresql`,
    port: 5432,
    database: 'postgres',
    user: 'lab_probe',
    // Peer authentication asks for none.
    passwordFile: '/dev/null',
    applicationName: 'lab-probe',
    connectTimeoutMs: LIMIT_MS,
    settings: { synchronous_commit: 'local' },
  });
}

async function watch(host: string): Promise<never> {
  let writable = false;
  for (;;) {
    const init = await hostInit(lab, host);
    if (init !== null) {
      const session = sessionOn(init);
      let last = performance.now();
      // A host that answers nothing may have been powered off: then its process 1 has another id.
      while (performance.now() - last < SEARCH_MS) {
        const began = performance.now();
        const outcome = await session.query(
          {
            name: 'beat',
            text: 'insert into lab_probe.beat select clock_timestamp() where not pg_is_in_recovery()',
          },
          LIMIT_MS,
        );
        const now = outcome.kind === 'rows' && outcome.rowCount === 1;
        if (now || writable) record(host, now);
        writable = now;
        if (outcome.kind === 'rows' || outcome.failure.sqlState !== null) last = performance.now();
        await systemClock.wait(Math.max(0, INTERVAL_MS - (performance.now() - began)));
      }
      await session.close();
    } else if (writable) {
      record(host, false);
      writable = false;
    }
    await systemClock.wait(SEARCH_MS / 5);
  }
}

await Promise.all(hosts.map(watch));
