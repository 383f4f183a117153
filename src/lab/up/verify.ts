/** Looks until a new lab is what it should be: one writable primary with the VIP, standbys streaming, everything watched. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { poweredInit, runInside } from '../hosts/enter.ts';
import { holdsAddress } from '../measure/addresses.ts';
import { readAcknowledgements } from '../measure/acknowledgements.ts';
import { readBeats, writableNow } from '../measure/beats.ts';
import type { LabState } from '../state.ts';
import { databaseHosts, type Topology } from '../topology.ts';

const LIMIT_MS = 30_000;
const INTERVAL_MS = 50;
const HTTP_LIMIT_MS = 2_000;

interface Condition {
  readonly what: string;
  /** Null where it holds, else what was seen instead. */
  readonly look: () => Promise<string | null>;
}

/** Waits for every condition, each for what is left of one limit. Throws `timeout` naming the first that does not come true. */
export async function verifyLab(state: LabState, topology: Topology): Promise<void> {
  const end = systemClock.monotonicMillis() + LIMIT_MS;
  for (const condition of conditions(state, topology)) {
    let seen = 'nothing';
    const holds = await pollUntil(
      systemClock,
      Math.max(0, end - systemClock.monotonicMillis()),
      INTERVAL_MS,
      async () => {
        const instead = await condition.look();
        seen = instead ?? seen;
        return instead === null ? true : undefined;
      },
    );
    if (holds === undefined) {
      throw new PrimacyError(
        'timeout',
        `cannot verify lab ${state.name}: expected ${condition.what}, saw ${seen}`,
      );
    }
  }
}

function conditions(state: LabState, topology: Topology): readonly Condition[] {
  const names = databaseHosts(topology).map((host) => host.name);
  return [
    {
      what: 'the VIP on pg1',
      look: async () => ((await holdsAddress(state.name, 'pg1', state.vip)) ? null : 'none'),
    },
    {
      what: 'pg1 as only writable host',
      look: async () => expectText('pg1', writableNow(await readBeats(state.name), Date.now()).join(', ')),
    },
    {
      what: `${names.length - 1} streaming standbys`,
      look: async () => expectText(String(names.length - 1), await streamingStandbys(state.name)),
    },
    {
      what: 'an acknowledged row',
      look: async () => ((await readAcknowledgements(state.name)).length > 0 ? null : 'none'),
    },
    { what: 'a ready responder', look: async () => await expectOk(`${state.page}/-/ready`) },
    { what: 'a ready Alertmanager', look: async () => await expectOk(`${state.alertmanager}/-/ready`) },
    { what: 'every agent scraped', look: async () => await targetsUp(state.prometheus, names.length + 1) },
  ];
}

function expectText(expected: string, seen: string): string | null {
  return seen === expected ? null : seen || 'none';
}

async function streamingStandbys(lab: string): Promise<string> {
  const output = await runInside(await poweredInit(lab, 'pg1'), {
    program: 'psql',
    arguments: ['-XAtc', "select count(*) from pg_stat_replication where state = 'streaming'"],
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
