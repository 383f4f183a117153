/** Looks until a new lab is what it should be: one writable primary with the VIP, standbys streaming, everything watched. */
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { paths } from '../../config/paths.ts';
import { bootMillis, pollUntil, systemClock } from '../../world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../world/files/guard-stamps.ts';
import { firingAlerts } from '../measure/alerts.ts';
import { poweredInit, runInside, runnerInside } from '../hosts/enter.ts';
import { holdsAddress } from '../measure/addresses.ts';
import { readAcknowledgements, readLog } from '../measure/acknowledgements.ts';
import { readBeats, writableNow } from '../measure/beats.ts';
import { groundAt, readGround } from '../measure/ground.ts';
import { hostDirectory, type LabState, type ProductLab } from '../state.ts';
import { databaseHosts, nodeHosts, type Topology } from '../topology.ts';

const LIMIT_MS = 60_000;
const INTERVAL_MS = 50;
const HTTP_LIMIT_MS = 2_000;
const LOG_CHARACTERS = 600;

interface Condition {
  readonly what: string;
  /** Null where it holds, else what was seen instead. */
  readonly look: () => Promise<string | null>;
  /** Whose log tells why it does not come true: host and name of the daemon. */
  readonly log?: readonly [host: string, daemon: string];
}

/** pg1 holds the VIP. Throws `timeout`. */
export async function verifyVip(state: LabState): Promise<void> {
  await holdAll(state.name, [vipOnFirst(state)]);
}

function vipOnFirst({ name, vip }: LabState): Condition {
  return {
    what: 'the VIP on pg1',
    look: async () => ((await holdsAddress(name, 'pg1', vip)) ? null : 'none'),
    log: ['pg1', 'keepalived'],
  };
}

/** The cluster itself: one writable primary with the VIP, standbys streaming, a row acknowledged. Throws `timeout`. */
export async function verifyCluster(state: LabState, topology: Topology): Promise<void> {
  const { name } = state;
  const standbys = String(databaseHosts(topology).length - 1);
  const synchronous = state.sync ? '1' : '0';
  await holdAll(name, [
    vipOnFirst(state),
    {
      what: 'pg1 as only writable host',
      look: async () => expectText('pg1', writableNow(await readBeats(name), Date.now()).join(', ')),
    },
    {
      what: `${standbys} streaming standbys`,
      look: async () => expectText(standbys, await countStandbys(name, "state = 'streaming'")),
    },
    {
      what: `${synchronous} synchronous standbys`,
      look: async () => expectText(synchronous, await countStandbys(name, "sync_state = 'sync'")),
    },
    {
      what: 'an acknowledged row',
      look: async () => ((await readAcknowledgements(name)).length > 0 ? null : 'none'),
    },
  ]);
}

/** The primary holds the lease, and on every database host the fuse looks. Throws `timeout`. */
export async function verifyGuards({ name }: ProductLab, topology: Topology): Promise<void> {
  await holdAll(name, [
    {
      what: 'the lease on pg1',
      look: async () => {
        const lease = groundAt(await readGround(name), 'pg1', 'lease', Date.now());
        return lease.endsWith(' pg1') ? null : lease || 'none';
      },
      log: ['pg1', 'primacy-agent'],
    },
    ...databaseHosts(topology).map((host) => ({
      what: `a fuse at work on ${host.name}`,
      look: async () => await fuseLooks(name, host.name),
      log: [host.name, 'primacy-fuse'] as const,
    })),
  ]);
}

async function fuseLooks(lab: string, host: string): Promise<string | null> {
  const file = join(`/proc/${await poweredInit(lab, host)}/root`, paths.fuseStamp);
  const alive = readGuardStamp(file, bootMillis(), GUARD_SILENCE_MS.fuse);
  return alive.kind === 'known' && alive.value ? null : 'no fresh stamp';
}

/** Every agent answers. Throws `timeout`. */
export async function verifyAgents({ name }: ProductLab, topology: Topology): Promise<void> {
  await holdAll(
    name,
    nodeHosts(topology).map((host) => ({
      what: `an answer from the agent of ${host.name}`,
      look: async () => await agentAnswers(name, host.addresses[0]),
      log: [host.name, 'primacy-agent'] as const,
    })),
  );
}

/** What watches the cluster: responder and Alertmanager ready, every agent scraped, no alert. Throws `timeout`. */
export async function verifyMonitoring(state: ProductLab, topology: Topology): Promise<void> {
  await holdAll(state.name, [
    {
      what: 'a ready responder',
      look: async () => await expectOk(`${state.page}/-/ready`),
      log: ['mon', 'primacy-responder'],
    },
    { what: 'a ready Alertmanager', look: async () => await expectOk(`${state.alertmanager}/-/ready`) },
    {
      what: 'every agent scraped',
      look: async () => await targetsUp(state.prometheus, nodeHosts(topology).length),
    },
    { what: 'no firing alert', look: async () => await noAlert(state.prometheus) },
  ]);
}

/** Waits for every condition, each for what is left of one limit. Throws `timeout` naming the first that does not come true. */
async function holdAll(lab: string, conditions: readonly Condition[]): Promise<void> {
  const end = systemClock.monotonicMillis() + LIMIT_MS;
  for (const condition of conditions) {
    let seen = 'nothing';
    const left = Math.max(0, end - systemClock.monotonicMillis());
    const holds = await pollUntil(systemClock, left, INTERVAL_MS, async () => {
      const instead = await condition.look();
      seen = instead ?? seen;
      return instead === null ? true : undefined;
    });
    if (holds === undefined) {
      const words = await lastWords(lab, condition);
      throw new PrimacyError(
        'timeout',
        `cannot verify lab ${lab}: expected ${condition.what}, saw ${seen}${words}`,
      );
    }
  }
}

/** The end of the log that a condition names: the lab may be gone when somebody reads the error. */
async function lastWords(lab: string, condition: Condition): Promise<string> {
  if (condition.log === undefined) return '';
  const [host, daemon] = condition.log;
  const text = await readLog(join(hostDirectory(lab, host), 'log', `${daemon}.log`));
  return `; the log of ${daemon} on ${host} ends: ${text.trim().slice(-LOG_CHARACTERS)}`;
}

async function agentAnswers(lab: string, address: string): Promise<string | null> {
  const result = await runnerInside(await poweredInit(lab, 'mon')).run({
    program: 'curl',
    arguments: ['-sf', '-m', '2', '-o', '/dev/null', `http://${address}:10187/-/ready`],
    timeoutMs: 5_000,
  });
  return result.kind === 'done' ? null : `curl ${result.kind}`;
}

async function noAlert(prometheus: string): Promise<string | null> {
  try {
    const alerts = await firingAlerts(prometheus);
    return alerts.length === 0 ? null : alerts.map((alert) => alert.name).join(', ');
  } catch (error) {
    return `no answer (${String(error)})`;
  }
}

function expectText(expected: string, seen: string): string | null {
  return seen === expected ? null : seen || 'none';
}

async function countStandbys(lab: string, condition: string): Promise<string> {
  const output = await runInside(await poweredInit(lab, 'pg1'), {
    program: 'psql',
    arguments: ['-XAtc', `select count(*) from pg_stat_replication where ${condition}`],
    user: 'postgres',
    timeoutMs: 5_000,
  });
  return output.trim();
}

async function expectOk(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) });
    await response.body?.cancel();
    return response.ok ? null : `HTTP ${response.status}`;
  } catch (error) {
    return `no answer (${String(error)})`;
  }
}

interface Targets {
  readonly data: {
    readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
  };
}

async function targetsUp(prometheus: string, expected: number): Promise<string | null> {
  try {
    const response = await fetch(`${prometheus}/api/v1/targets?state=active`, {
      signal: AbortSignal.timeout(HTTP_LIMIT_MS),
    });
    const targets = ((await response.json()) as Targets).data.activeTargets;
    const up = targets.filter((target) => target.health === 'up').length;
    if (up === expected) return null;
    return `${up} of ${expected}: ${targets
      .map((target) => target.lastError)
      .filter(Boolean)
      .join('; ')}`;
  } catch (error) {
    return `no answer (${String(error)})`;
  }
}
