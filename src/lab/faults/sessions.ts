/** Faults made by sessions: a lock that is held, a procedure that never ends, an application that takes every connection. */
import { fileURLToPath } from 'node:url';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { CLIENT_DATABASE } from '../configure/schema-sql.ts';
import { poweredInit, runnerInside, startDaemon } from '../hosts/enter.ts';
import { marker } from '../hosts/processes.ts';
import { CLIENT_PASSWORD_FILE } from '../up/files.ts';
import { onlyCluster } from '../up/services.ts';
import type { FaultTarget } from './fault.ts';
import { sql } from './shell.ts';

const HOLD_CONNECTIONS = fileURLToPath(new URL('../programs/hold-connections.ts', import.meta.url));
const EFFECT_LIMIT_MS = 20_000;
const INTERVAL_MS = 50;
const LOCK = 'lab-lock';
const PROCEDURE = 'lab-procedure';

/** Takes the strongest lock on the heartbeat's table and keeps it. */
export async function lockHeartbeat(target: FaultTarget): Promise<void> {
  const { database } = onlyCluster(target.config).heartbeat;
  await startSession(target, LOCK, database, [
    'begin',
    'lock table sr_delay in access exclusive mode',
    'select pg_sleep(86400)',
  ]);
  await effect(
    target,
    'the lock on sr_delay',
    async () => (await count(target, LOCK, "wait_event = 'PgSleep'")) > 0,
  );
}

export async function unlockHeartbeat(target: FaultTarget): Promise<void> {
  await endSession(target, LOCK);
}

/** A procedure that inserts and commits in a loop, for ever. */
export async function startProcedure(target: FaultTarget): Promise<void> {
  const made = `
create table if not exists busy (number bigint);
create or replace procedure be_busy() language plpgsql as
$$ begin loop insert into busy values (1); commit; end loop; end $$;
`;
  await sql(target, CLIENT_DATABASE, made);
  await startSession(target, PROCEDURE, CLIENT_DATABASE, ['call be_busy()']);
  await effect(
    target,
    'a row of the procedure',
    async () => Number(await sql(target, CLIENT_DATABASE, 'select count(*) from busy')) > 0,
  );
}

export async function endProcedure(target: FaultTarget): Promise<void> {
  await endSession(target, PROCEDURE);
}

/** Opens connections from the client's host, as its user, until the server refuses them. */
export async function useUpConnections(target: FaultTarget): Promise<void> {
  const { name } = target.state;
  await startDaemon(await poweredInit(name, 'client'), {
    name: 'hold-connections',
    program: process.execPath,
    arguments: [HOLD_CONNECTIONS, marker(name, 'leak'), target.host.addresses[0], CLIENT_PASSWORD_FILE],
  });
  await effect(target, 'no connection left', async () => {
    const log = await runnerInside(await poweredInit(name, target.host.name)).run({
      program: 'grep',
      arguments: [
        '-qE',
        'remaining connection slots|too many clients',
        '/var/log/postgresql/postgresql-15-main.log',
      ],
      timeoutMs: 5_000,
    });
    return log.kind === 'done';
  });
}

/** Ends the application that holds them. */
export async function freeConnections(target: FaultTarget): Promise<void> {
  await runnerInside(await poweredInit(target.state.name, 'client')).run({
    program: 'pkill',
    arguments: ['-KILL', '-f', HOLD_CONNECTIONS],
    timeoutMs: 5_000,
  });
}

/** A session that stays, as a colleague's terminal would. */
async function startSession(
  target: FaultTarget,
  applicationName: string,
  database: string,
  statements: readonly string[],
): Promise<void> {
  await startDaemon(await poweredInit(target.state.name, target.host.name), {
    name: applicationName,
    program: 'runuser',
    arguments: [
      '-u',
      'postgres',
      '--',
      'env',
      `PGAPPNAME=${applicationName}`,
      'psql',
      '-Xq',
      `--dbname=${database}`,
      ...statements.map((statement) => `--command=${statement}`),
    ],
  });
}

async function endSession(target: FaultTarget, applicationName: string): Promise<void> {
  const ended = `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = '${applicationName}'`;
  await sql(target, 'postgres', ended);
}

async function count(target: FaultTarget, applicationName: string, condition: string): Promise<number> {
  const text = `select count(*) from pg_stat_activity where application_name = '${applicationName}' and ${condition}`;
  return Number(await sql(target, 'postgres', text));
}

async function effect(target: FaultTarget, what: string, look: () => Promise<boolean>): Promise<void> {
  const seen = await pollUntil(systemClock, EFFECT_LIMIT_MS, INTERVAL_MS, async () =>
    (await look()) ? true : undefined,
  );
  if (seen === undefined)
    throw new PrimacyError('timeout', `cannot make the fault on ${target.host.name}: ${what} was not seen`);
}
