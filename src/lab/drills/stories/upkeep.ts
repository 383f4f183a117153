/** Drills about the upkeep of Primacy itself: agents restarted, times and voters changed, while a client writes and nobody fails over. */
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { longestGap, readAcknowledgements } from '../../measure/acknowledgements.ts';
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';
import {
  changeCluster,
  labConfiguration,
  reloadAgent,
  restartAgent,
  shell,
  startAgentAgain,
  stopAgent,
} from '../upkeep.ts';

const HOLDER_LAST = ['witness', 'pg2', 'pg1'] as const;
const HOLDER_FIRST = ['pg1', 'pg2', 'witness'] as const;
/** What the lab itself calls an outage begins at half of it; a loaded machine pauses a client for longer than a quiet one. */
const GAP_LIMIT_MS = 1_000;
/** Twice the promotion wait: whatever a restart broke has shown by then. */
const REST_SECONDS = 6;

/** An act in which nobody else may become primary and no client may wait. */
async function undisturbed(stage: Stage, name: string, act: () => Promise<void>): Promise<void> {
  const began = Date.now();
  const before = await primaryOf(stage);
  await stage.act(act);
  await stage.stand(REST_SECONDS);
  await stage.onlyWriters('pg1');
  const gap = longestGap(await readAcknowledgements(stage.lab.name), began, Date.now());
  stage.count(`${name}GapMs`, gap);
  stage.note(`${name}: longest gap ${gap} ms`);
  const after = await primaryOf(stage);
  if (after !== before || gap > GAP_LIMIT_MS)
    throw new PrimacyError(
      'postcondition-missing',
      `cannot go on after ${name}: clients waited ${gap} ms, timeline ${before} became ${after}`,
    );
}

/** The primary's timeline: a failover would have begun another one. */
function primaryOf({ lab }: Stage): Promise<string> {
  return shell(
    lab.name,
    'pg1',
    `runuser -u postgres -- psql -XAtc "select pg_is_in_recovery(), left(pg_walfile_name(pg_current_wal_lsn()), 8)"`,
  );
}

/** Restarts these agents, or has them take the configuration, one after the other. */
async function oneAfterAnother(
  stage: Stage,
  hosts: readonly string[],
  how: (lab: string, host: string) => Promise<void>,
): Promise<void> {
  for (const host of hosts) await how(stage.lab.name, host);
}

/** A busy machine may be slower than five seconds with a restart, of which everybody is told; nothing else may be critical. */
const AGENTS_AWAY = ['AgentDown'] as const;

async function changeTimings(
  stage: Stage,
  leaseSeconds: number,
  promotionWaitSeconds: number,
): Promise<void> {
  const { name, nodes } = stage.lab;
  await changeCluster(name, nodes, await labConfiguration(name), (cluster) => ({
    ...cluster,
    timings: { ...cluster.timings, leaseSeconds, promotionWaitSeconds },
  }));
}

/** A lease that would outlive the voters' wait is refused by every agent, with what was expected, and each goes on with what it had. */
async function refused(stage: Stage): Promise<void> {
  const { name, nodes } = stage.lab;
  const config = await labConfiguration(name);
  await changeCluster(name, nodes, config, (cluster) => ({
    ...cluster,
    timings: { ...cluster.timings, leaseSeconds: 60 },
  }));
  for (const host of HOLDER_LAST)
    await shell(
      name,
      host,
      `said=$(primacy reload 2>&1); [ $? = 10 ] && case $said in *promotionWaitSeconds:*expected*) ;; *) exit 1 ;; esac`,
    );
  await changeCluster(name, nodes, config, (cluster) => cluster);
  await oneAfterAnother(stage, HOLDER_LAST, reloadAgent);
}

/** The third node leaves as a runbook says: it is given back, the others forget it, and its agent, which they asked until then, ends last. */
async function leave(stage: Stage): Promise<void> {
  const { name, nodes } = stage.lab;
  const config = await labConfiguration(name);
  await shell(name, 'pg3', 'primacy unadopt');
  await changeCluster(name, nodes, config, (cluster) => ({
    ...cluster,
    nodes: cluster.nodes.filter((node) => node.name !== 'pg3'),
  }));
  await oneAfterAnother(stage, HOLDER_LAST, reloadAgent);
  await stopAgent(name, 'pg3');
}

export const upkeepDrills: readonly (readonly [string, Drill])[] = [
  [
    'rolling-restart',
    {
      summary:
        "all agents are restarted one after the other, the primary's last and the primary's first: no failover, no client waits",
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: AGENTS_AWAY,
      story: async (stage) => {
        await undisturbed(stage, 'holderLast', () => oneAfterAnother(stage, HOLDER_LAST, restartAgent));
        await undisturbed(stage, 'holderFirst', () => oneAfterAnother(stage, HOLDER_FIRST, restartAgent));
      },
    },
  ],
  [
    'change-timings',
    {
      summary:
        "the lease's times are changed while all runs, by primacy reload: the holder last and the holder first, longer and shorter; a wrong file changes nothing",
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: AGENTS_AWAY,
      story: async (stage) => {
        await undisturbed(stage, 'wrong', () => refused(stage));
        await undisturbed(stage, 'longerHolderLast', async () => {
          await changeTimings(stage, 2, 3.5);
          await oneAfterAnother(stage, HOLDER_LAST, reloadAgent);
        });
        await undisturbed(stage, 'shorterHolderFirst', async () => {
          await changeTimings(stage, 1.6, 2.7);
          await oneAfterAnother(stage, HOLDER_FIRST, reloadAgent);
        });
        await undisturbed(stage, 'longerHolderFirst', async () => {
          await changeTimings(stage, 2, 3.5);
          await oneAfterAnother(stage, HOLDER_FIRST, reloadAgent);
        });
        await undisturbed(stage, 'shorterHolderLast', async () => {
          await changeTimings(stage, 1.6, 2.7);
          await oneAfterAnother(stage, HOLDER_LAST, reloadAgent);
        });
      },
    },
  ],
  [
    'change-voters',
    {
      summary: 'the third database node leaves the cluster for good and comes back, while clients write',
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: AGENTS_AWAY,
      lab: { nodes: 3 },
      story: async (stage) => {
        const { name, nodes } = stage.lab;
        const whole = await labConfiguration(name);
        await undisturbed(stage, 'leave', () => leave(stage));
        await undisturbed(stage, 'comeBack', async () => {
          await changeCluster(name, nodes, whole, (cluster) => cluster);
          await startAgentAgain(name, 'pg3');
          await oneAfterAnother(stage, HOLDER_LAST, reloadAgent);
          await shell(name, 'pg3', 'primacy adopt');
        });
      },
    },
  ],
];
