/** Waits after a drill until the cluster is whole and stays so, and then proves it by everything that can be asked. */
import { pollUntil, systemClock } from '../../world/clock.ts';
import { poweredInit, runInside } from '../hosts/enter.ts';
import { readAcknowledgements } from '../measure/acknowledgements.ts';
import { healthProblem } from '../measure/health.ts';
import { healthOf } from '../measure/light-health.ts';
import { labStatus, type LabStatus } from '../measure/status.ts';
import type { LabState } from '../state.ts';
import { databaseHosts, topologyOf, type LabHost } from '../topology.ts';

const WHOLE_LIMIT_MS = 90_000;
/** A cluster that falls apart again sooner than this was not whole. */
const STABLE_MS = 2_000;
const STATUS_LIMIT_MS = 20_000;
const ROW_LIMIT_MS = 20_000;
const INTERVAL_MS = 100;

export interface Settled {
  readonly status: LabStatus;
  /** The first moment of the stretch in which the cluster was whole; null where it did not come to it. */
  readonly healthy: number | null;
  readonly problem: string | null;
}

/** Looks until the cluster is whole. Then every standby must show a row that was acknowledged after that: streaming alone proves nothing. */
export async function settle(lab: LabState): Promise<Settled> {
  const whole = await stretchOfHealth(lab);
  if (whole.since === null)
    return { status: await labStatus(lab.name), healthy: null, problem: whole.problem };
  const { status, problem } = await fullHealth(lab);
  return { status, healthy: whole.since, problem: problem ?? (await missingRow(lab, whole.since)) };
}

async function stretchOfHealth(
  lab: LabState,
): Promise<{ readonly since: number | null; readonly problem: string | null }> {
  const topology = topologyOf(lab.name, lab.nodes, lab.witness);
  let since: number | null = null;
  let problem: string | null = null;
  await pollUntil(systemClock, WHOLE_LIMIT_MS, INTERVAL_MS, async () => {
    problem = await healthOf(lab, topology);
    since = problem === null ? (since ?? Date.now()) : null;
    return since !== null && Date.now() - since >= STABLE_MS ? true : undefined;
  });
  return { since, problem };
}

async function fullHealth(
  lab: LabState,
): Promise<{ readonly status: LabStatus; readonly problem: string | null }> {
  let status = await labStatus(lab.name);
  let problem = healthProblem(status);
  await pollUntil(systemClock, STATUS_LIMIT_MS, INTERVAL_MS, async () => {
    if (problem === null) return true;
    status = await labStatus(lab.name);
    problem = healthProblem(status);
    return undefined;
  });
  return { status, problem };
}

/** The host that does not show a row acknowledged after `since`; null where every host does. */
async function missingRow(lab: LabState, since: number): Promise<string | null> {
  const row = await pollUntil(systemClock, ROW_LIMIT_MS, INTERVAL_MS, async () =>
    (await readAcknowledgements(lab.name)).findLast((it) => it.at >= since),
  );
  if (row === undefined) return 'no row was acknowledged after the repair';
  for (const host of databaseHosts(topologyOf(lab.name, lab.nodes, lab.witness))) {
    const seen = await pollUntil(systemClock, ROW_LIMIT_MS, INTERVAL_MS, async () =>
      (await hasRow(lab.name, host, row.id)) ? true : undefined,
    );
    if (seen === undefined)
      return `${host.name} does not show row ${row.id}, which was acknowledged after the repair`;
  }
  return null;
}

async function hasRow(lab: string, host: LabHost, id: number): Promise<boolean> {
  const text = await runInside(await poweredInit(lab, host.name), {
    program: 'psql',
    arguments: ['-XAtq', '--dbname=app', `--command=select count(*) from ledger where id = ${id}`],
    user: 'postgres',
    timeoutMs: 10_000,
  });
  return text.trim() === '1';
}
