/** Load that a cluster has to bear, and what it must not be taken for: cores without a free moment, and an application that writes all the time. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { CLIENT_DATABASE } from '../configure/schema-sql.ts';
import { poweredInit, runInside, runnerInside, startDaemon } from '../hosts/enter.ts';
import { marker } from '../hosts/processes.ts';
import { CLIENT_PASSWORD_FILE } from '../up/files.ts';
import { onlyCluster } from '../up/services.ts';
import type { Fault, FaultTarget } from './fault.ts';

const CLIENT = 'client';
const PGBENCH_CLIENTS = 4;
const EFFECT_LIMIT_MS = 30_000;
const INTERVAL_MS = 100;

export const loadFaults: readonly (readonly [string, Fault])[] = [
  [
    'saturate-cpu',
    {
      summary: 'as many busy loops as this machine has cores, at the priority of everything else',
      defaultHost: CLIENT,
      strike: saturate,
      mend: (target) => endMarked(target, 'busy'),
    },
  ],
  [
    'pgbench',
    {
      summary: `pgbench writes through the VIP with ${PGBENCH_CLIENTS} connections, and comes back after each interruption`,
      defaultHost: CLIENT,
      strike: startPgbench,
      mend: (target) => endMarked(target, 'pgbench'),
    },
  ],
];

async function saturate(target: FaultTarget): Promise<void> {
  const init = await poweredInit(target.state.name, target.host.name);
  for (let core = 1; core <= availableParallelism(); core += 1)
    await startDaemon(init, {
      name: `busy-${core}`,
      program: 'sh',
      arguments: ['-c', 'while :; do :; done', marker(target.state.name, 'busy')],
    });
}

/** As a user's application would: by the VIP, with a password, again and again. */
async function startPgbench(target: FaultTarget): Promise<void> {
  const { name, vip } = target.state;
  const init = await poweredInit(name, target.host.name);
  const program = join(onlyCluster(target.config).postgres.binDirectory, 'pgbench');
  const options = [`--host=${vip}`, `--username=${CLIENT_DATABASE}`];
  const environment = `PGPASSWORD=$(cat ${CLIENT_PASSWORD_FILE}) PGCONNECT_TIMEOUT=2; export PGPASSWORD PGCONNECT_TIMEOUT`;
  await runInside(init, {
    program: 'sh',
    arguments: [
      '-c',
      `${environment}; exec "$@"`,
      'sh',
      program,
      ...options,
      '--initialize',
      '--quiet',
      CLIENT_DATABASE,
    ],
    timeoutMs: EFFECT_LIMIT_MS,
  });
  const parameters = [...options, `--client=${PGBENCH_CLIENTS}`, '--jobs=1', '--time=86400', CLIENT_DATABASE];
  await startDaemon(init, {
    name: 'pgbench',
    program: 'sh',
    // Its connections end with each primary; the pause keeps it from asking for new ones without end.
    arguments: [
      '-c',
      `${environment}; shift; while :; do "$@"; sleep 0.1; done`,
      'sh',
      marker(name, 'pgbench'),
      program,
      ...parameters,
    ],
  });
  const statement = `select count(*) from pgbench_history`;
  const query = [
    '-XAtq',
    `--host=${vip}`,
    `--username=${CLIENT_DATABASE}`,
    `--command=${statement}`,
    CLIENT_DATABASE,
  ];
  const writes = await pollUntil(systemClock, EFFECT_LIMIT_MS, INTERVAL_MS, async () => {
    const rows = await runnerInside(init).run({
      program: 'sh',
      arguments: ['-c', `${environment}; exec psql "$@"`, 'sh', ...query],
      timeoutMs: 5_000,
    });
    return rows.kind === 'done' && Number(rows.stdout) > 0 ? true : undefined;
  });
  if (writes === undefined)
    throw new PrimacyError(
      'timeout',
      `cannot load the cluster from ${target.host.name}: pgbench wrote nothing`,
    );
}

/** The shells by their marker, and with them what they run: each began a session of its own. */
async function endMarked(target: FaultTarget, part: string): Promise<void> {
  await runnerInside(await poweredInit(target.state.name, target.host.name)).run({
    program: 'sh',
    arguments: [
      '-c',
      'for pid in $(pgrep -f "$1"); do [ "$pid" = $$ ] || pkill -KILL --session "$pid"; done',
      'sh',
      // A pattern that does not match the shell that looks for it.
      marker(target.state.name, `[${part.charAt(0)}]${part.slice(1)}`),
    ],
    timeoutMs: 5_000,
  });
}
