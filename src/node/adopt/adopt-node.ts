/** Hands this database node over to Primacy: from the adoption file on, agent, fuse and dead-man script act. */
import { adoptionRefusal, type NodeStanding } from '../../core/guard/adoption-order.ts';
import { pollUntil } from '../../world/clock.ts';
import { readAdoption, removeAdoption, writeAdoption } from '../../world/files/adoption.ts';
import { isEntitling, readLeaseFile } from '../../world/files/lease-file.ts';
import type { NodeName } from '../../core/model/names.ts';
import { readSettings, setStandbySignal } from '../../world/postgres/server-settings.ts';
import { judgeAdoptable } from '../../core/guard/judge-adoptable.ts';
import type { RunStep } from '../procedures/run-step.ts';
import { readFormer, rememberedOf, userCommandsOf, writeFormer } from './former-settings.ts';
import type { GuardContext } from './guard-context.ts';
import { activateGuards, deactivateGuards, installGuards, writeUserCommands } from './install-guards.ts';
import { lookBeforeAdoption } from './look-before-adoption.ts';
import { applyPins } from './pin-server.ts';
import { HOLDER_PINS, standingPins } from './pins.ts';
import {
  agentRuns,
  firstUnpinned,
  refusal,
  requireAdoptable,
  requireRoot,
  type AdoptableServer,
} from './preconditions.ts';
import { ensureFuse, FUSE_UNIT } from './start-fuse.ts';
import { deadManRuns, planTakeOver, reloadWithOurs, startWithOurs } from './take-keepalived-over.ts';

export interface AdoptOptions {
  /** The other database nodes, as their agents tell. */
  readonly others: readonly NodeStanding[];
  /** Journals each step. */
  readonly step: RunStep;
}

export interface AdoptionReport {
  readonly role: 'primary' | 'standby' | 'stopped';
  /** What was done and what a person still has to do, as sentences. */
  readonly sentences: readonly string[];
}

const BY_HAND =
  'keepalived runs no dead-man script yet: include what "primacy config keepalived" prints, and reload keepalived.';
const RELOAD_LIMIT_MS = 3_000;
/** The agent sees the adoption, claims the first lease and renews it: so many promotion waits are plenty. */
const LEASE_LIMIT_WAITS = 4;
const POLL_MS = 50;

/**
 * Without interruption, and idempotent. Throws `refused` where a precondition does not hold, or where another node comes first;
 * then nothing acts that did not act before, and what was installed is without effect.
 */
export async function adoptNode(
  context: GuardContext,
  { others, step }: AdoptOptions,
): Promise<AdoptionReport> {
  requireRoot('adopt');
  const server = await requireAdoptable(context);
  const plan = await planTakeOver(context);
  const own = { role: server.role, adopted: await isAdopted(context), takesOver: plan.kind === 'take-over' };
  const wait = adoptionRefusal(own, others);
  if (wait !== null) throw refusal(context, 'adopt', wait);
  const { refusals, notices } = judgeAdoptable(await lookBeforeAdoption(context, server));
  if (refusals.length > 0) throw refusal(context, 'adopt', refusals.join('; '));
  const sentences: string[] = notices.map((it) => `Note: ${it}.`);
  await step('guards', () => installGuards(context));
  sentences.push(`Guard programs are in ${context.paths.guardDirectory}.`);
  if (context.cluster.fencing.fuse) sentences.push(...(await step('fuse', () => startFuse(context))));
  await step('pin', () => pin(context, server));
  sentences.push('Recovery settings are pinned; recovery can end in a writable server only under the lease.');
  await step('hand-over', () => handOver(context, server));
  sentences.push(`This ${server.role} is adopted.`);
  if (server.role === 'primary' && context.cluster.startProtection === 'signal')
    sentences.push('standby.signal stands: whatever starts this server blindly gets a read-only standby.');
  const give = server.role === 'primary' ? reloadWithOurs : startWithOurs;
  sentences.push(...(await give(context, plan, step)));
  if (!deadManRuns(context)) sentences.push(BY_HAND);
  return { role: server.role, sentences };
}

/**
 * Before anything is handed over: the guard programs, and on a standby its keepalived, which from then on cannot take the VIP. Until
 * the primary is adopted nobody takes over by himself. Throws `refused`.
 */
export async function prepareNode(context: GuardContext, step: RunStep): Promise<AdoptionReport> {
  requireRoot('prepare');
  await step('guards', () => installGuards(context));
  const sentences = [`Guard programs are in ${context.paths.guardDirectory}; nothing acts yet.`];
  if (!agentRuns(context))
    return {
      role: 'stopped',
      sentences: [...sentences, 'The agent does not run: keepalived is left alone.'],
    };
  const { role } = await requireAdoptable(context);
  if (role === 'standby') sentences.push(...(await prepareKeepalived(context, step)));
  else sentences.push('This is the primary: its keepalived is left alone until "primacy adopt".');
  return { role, sentences };
}

async function prepareKeepalived(context: GuardContext, step: RunStep): Promise<readonly string[]> {
  const plan = await planTakeOver(context);
  return plan.kind === 'by-hand' ? [BY_HAND] : startWithOurs(context, plan, step);
}

async function startFuse(context: GuardContext): Promise<readonly string[]> {
  const how = await ensureFuse(context);
  if (how !== 'by-hand') return ['The fuse runs.'];
  return [`The fuse runs; for the next boot it needs a service (${FUSE_UNIT}, "primacy config systemd").`];
}

/** Remembers what was there, pins, and looks whether the server took it. */
async function pin(context: GuardContext, { role }: AdoptableServer): Promise<void> {
  const { runner, cluster, paths, clock } = context;
  const pins = { ...standingPins(paths), ...(role === 'primary' ? HOLDER_PINS : {}) };
  const names = Object.keys({ ...standingPins(paths), ...HOLDER_PINS });
  const looks = await readSettings(runner, cluster.postgres, names);
  const former = rememberedOf(looks, await readFormer(paths), paths);
  await writeFormer(paths, former);
  await writeUserCommands(context, userCommandsOf(looks, former));
  await applyPins(context, role === 'primary' ? 'holder' : 'standby');
  let unpinned: string | null = null;
  const taken = await pollUntil(clock, RELOAD_LIMIT_MS, POLL_MS, async () => {
    unpinned = firstUnpinned(await readSettings(runner, cluster.postgres, names), pins, role);
    return unpinned === null ? true : undefined;
  });
  if (taken !== true)
    throw refusal(
      context,
      'adopt',
      `the server does not take ${unpinned ?? 'the pins'} from postgresql.auto.conf; a command line option or a needed restart stands against it`,
    );
}

/**
 * A primary has to hold the lease before its guards act: they would fence it. The signal comes last, because a primary that
 * nobody watches yet must come back as a primary.
 */
async function handOver(context: GuardContext, server: AdoptableServer): Promise<void> {
  const { paths, cluster, node, clock } = context;
  const isNew = !(await isAdopted(context));
  if (isNew) {
    await deactivateGuards(context);
    await writeAdoption(paths.adoption, {
      at: clock.wallMillis(),
      node: node.name as NodeName,
      systemIdentifier: server.systemIdentifier,
    });
  }
  if (server.role === 'primary') {
    if (!(await holdsLease(context))) {
      if (isNew) await removeAdoption(paths.adoption);
      throw refusal(
        context,
        'adopt',
        `the agent got no lease within ${leaseLimitMs(context) / 1_000} s; do a majority of the voters' agents run and reach each other?`,
      );
    }
    if (cluster.startProtection === 'signal') await setStandbySignal(context.runner, cluster.postgres, true);
  }
  await activateGuards(context);
}

function leaseLimitMs({ cluster }: GuardContext): number {
  return Math.round(cluster.timings.promotionWaitSeconds * LEASE_LIMIT_WAITS * 1_000);
}

async function holdsLease(context: GuardContext): Promise<boolean> {
  const { paths, node, clock } = context;
  const held = await pollUntil(clock, leaseLimitMs(context), POLL_MS, async () => {
    const lease = await readLeaseFile(paths.leaseFile);
    if (lease.kind === 'unknown' || lease.value === null) return undefined;
    return isEntitling(lease.value, node.name) ? true : undefined;
  });
  return held === true;
}

async function isAdopted({ paths }: GuardContext): Promise<boolean> {
  const adoption = await readAdoption(paths.adoption);
  return adoption.kind === 'known' && adoption.value !== null;
}
