/**
 * The lab's own judge: every 100 ms one insert on each database host's own socket, whatever the agents say, and as often one look at
 * what the host's kernel and files show. Runs in the process namespace of `switch`, so that it dies with the lab, and in this machine's
 * file system, so that it reaches every host. Arguments: marker, lab, VIP, log of beats, log of the ground, database hosts.
 */
import { openSync, writeSync } from 'node:fs';
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import { systemClock } from '../../world/clock.ts';
import { hostInit } from '../hosts/processes.ts';
import { GROUND_KEYS, type GroundKey } from '../measure/ground.ts';
import { lookAtGround, NO_GROUND, type Ground } from '../measure/look-at-ground.ts';

const [, , , lab = '', vip = '', beatFile = '', groundFile = '', ...hosts] = process.argv;
const INTERVAL_MS = 100;
const GROUND_INTERVAL_MS = 100;
/** A query may take so long: a server that is stopped answers nothing, and the next look must not wait for it. */
const LIMIT_MS = 500;
/** How often a host that answers nothing is looked for: it may have been powered off, and has another process 1 then. */
const SEARCH_MS = 500;

const beats = openSync(beatFile, 'a');
const ground = openSync(groundFile, 'a');

/** One line per success, and one per change to failure: `HOST MILLISECONDS 1|0`. */
function record(host: string, writable: boolean): void {
  writeSync(beats, `${host} ${Date.now()} ${writable ? 1 : 0}\n`);
}

const shown = new Map<string, string>();

/** One line per change: `HOST MILLISECONDS KEY VALUE`. */
function show(host: string, key: GroundKey, value: string): void {
  const name = `${host} ${key}`;
  if ((shown.get(name) ?? '') === value) return;
  shown.set(name, value);
  writeSync(ground, `${host} ${Date.now()} ${key} ${value}\n`);
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

const BEAT = {
  name: 'beat',
  text: 'insert into lab_probe.beat select clock_timestamp() where not pg_is_in_recovery()',
};
const SOURCE = {
  name: 'source',
  text: "select sender_host as source from pg_stat_wal_receiver where status = 'streaming' and pg_is_in_recovery()",
};
const READ_ONLY_TRANSACTION = '25006';

async function watchServer(host: string): Promise<never> {
  let writable = false;
  const tell = (now: boolean): void => {
    if (now || writable) record(host, now);
    writable = now;
  };
  for (;;) {
    const init = await hostInit(lab, host);
    if (init !== null) {
      const session = sessionOn(init);
      let last = performance.now();
      while (performance.now() - last < SEARCH_MS) {
        const began = performance.now();
        const outcome = await session.query(BEAT, LIMIT_MS);
        tell(outcome.kind === 'rows' && outcome.rowCount === 1);
        const sqlState = outcome.kind === 'failed' ? outcome.failure.sqlState : null;
        show(host, 'source', sqlState === READ_ONLY_TRANSACTION ? await sourceOf(session) : '');
        if (outcome.kind === 'rows' || sqlState !== null) last = performance.now();
        await systemClock.wait(Math.max(0, INTERVAL_MS - (performance.now() - began)));
      }
      await session.close();
    } else {
      tell(false);
      show(host, 'source', '');
    }
    await systemClock.wait(INTERVAL_MS);
  }
}

/** Address that a standby streams from; empty where it does not. */
async function sourceOf(session: PostgresSession): Promise<string> {
  const outcome = await session.query<{ readonly source: string | null }>(SOURCE, LIMIT_MS);
  return outcome.kind === 'rows' ? (outcome.rows[0]?.source ?? '') : '';
}

async function watchGround(host: string): Promise<never> {
  for (;;) {
    const init = await hostInit(lab, host);
    for (let seen = lookThrough(host, init); seen !== null; seen = lookThrough(host, init)) {
      tellGround(host, seen);
      await systemClock.wait(GROUND_INTERVAL_MS);
    }
    tellGround(host, NO_GROUND);
    await systemClock.wait(INTERVAL_MS);
  }
}

function lookThrough(host: string, init: number | null): Ground | null {
  return init === null ? null : lookAtGround(lab, host, init, vip);
}

function tellGround(host: string, seen: Ground): void {
  for (const key of GROUND_KEYS) if (key !== 'source') show(host, key, seen[key]);
}

await Promise.all(hosts.flatMap((host) => [watchServer(host), watchGround(host)]));
