/** Gives this database node back: an ordinary server remains, primary or standby, with the user's own commands. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { giveBackRefusal, type NodeStanding } from '../../core/guard/adoption-order.ts';
import { pollUntil } from '../../world/clock.ts';
import { removeAdoption } from '../../world/files/adoption.ts';
import { readLeaseFile } from '../../world/files/lease-file.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { removeKernelLease } from '../../world/network/kernel-lease.ts';
import { postmasterOf, processesOf } from '../../world/postgres/processes.ts';
import { runPsql } from '../../world/postgres/psql.ts';
import { readAutoConf, setStandbySignal } from '../../world/postgres/server-settings.ts';
import type { RunStep } from '../procedures/run-step.ts';
import type { AdoptionReport } from './adopt-node.ts';
import { readFormer } from './former-settings.ts';
import { giveKeepalivedBack } from './give-keepalived-back.ts';
import { giveSynchronousBack } from './give-synchronous-back.ts';
import type { GuardContext } from './guard-context.ts';
import { wrapperCommands } from './guard-settings.ts';
import { deactivateGuards } from './install-guards.ts';
import { changeSettings } from './pin-server.ts';
import { HOLDER_PINS, standingPins } from './pins.ts';
import { refusal, requireRoot } from './preconditions.ts';
import { stillAdopted } from './other-nodes.ts';
import { stopFuseUnit } from './start-fuse.ts';
import { fragmentFile } from './take-keepalived-over.ts';

/** Two looks of the fuse: none that began under the old settings goes on. */
const GUARD_REST_MS = 250;
const POLL_MS = 50;

export interface UnadoptOptions {
  /** The other database nodes, as their agents tell. */
  readonly others: readonly NodeStanding[];
  readonly force: boolean;
  /** Journals each step. */
  readonly step: RunStep;
}

/**
 * Idempotent; works without the agent. The standbys first, then the primary: throws `refused` on a primary while another node may
 * still be adopted, unless forced. A keepalived that was taken over goes the other way round: the primary's first.
 */
export async function unadoptNode(context: GuardContext, options: UnadoptOptions): Promise<AdoptionReport> {
  const { others, force, step } = options;
  requireRoot('unadopt');
  const role = await roleNow(context);
  const adopted = stillAdopted(others);
  if (role === 'primary' && adopted.length > 0 && !force)
    throw refusal(context, 'unadopt', `standbys first; still adopted or silent: ${adopted.join(', ')}`);
  await step('server', () => giveServerBack(context, role));
  const synchronous = await step('synchronous', () => giveSynchronousBack(context, role));
  const mayStart = force ? null : giveBackRefusal(others);
  const keepalived = await giveKeepalivedBack(context, mayStart, step);
  const removed = await step('programs', () => removePrograms(context));
  const sentences = sentencesFor(context, role, removed || !keepalived.done);
  return { role, sentences: [...sentences, ...synchronous, ...keepalived.sentences] };
}

async function giveServerBack(context: GuardContext, role: AdoptionReport['role']): Promise<void> {
  const { cluster, paths, clock, runner } = context;
  if (existsSync(join(paths.guardDirectory, 'settings'))) await deactivateGuards(context);
  await clock.wait(GUARD_REST_MS);
  await removeAdoption(paths.adoption);
  // At once: without renewals its element runs out, and the clients would be cut off.
  await removeKernelLease(runner);
  if (role === 'primary') await setStandbySignal(runner, cluster.postgres, false);
  await changeSettings(context, await formerLines(context, role));
  await untilLeaseRests(context);
  await removeKernelLease(runner);
  await stopFuseUnit(context);
  for (const path of [paths.leaseFile, paths.overrideFile, paths.restoreDirectory, paths.fuseStamp])
    await rm(path, { recursive: true, force: true });
}

async function roleNow({ runner, cluster }: GuardContext): Promise<AdoptionReport['role']> {
  const { postgres } = cluster;
  if (postmasterOf(await processesOf(postgres.dataDirectory)) === null) return 'stopped';
  const answer = await runPsql(runner, postgres, 'postgres', 'select pg_is_in_recovery()');
  return answer.trim() === 't' ? 'standby' : 'primary';
}

/**
 * Every pin gives way to the line that was there. Whom a standby follows is not ours to change; a holder's empty one goes. Where
 * nothing was remembered and nothing is pinned, an earlier run has done it, and the lines are the user's.
 */
async function formerLines(
  { paths, runner, cluster }: GuardContext,
  role: AdoptionReport['role'],
): Promise<Readonly<Record<string, string | null>>> {
  const former = await readFormer(paths);
  const { restoreCommand } = wrapperCommands(paths);
  if (former === null && !(await readAutoConf(runner, cluster.postgres)).includes(restoreCommand)) return {};
  const names = Object.keys(standingPins(paths));
  if (role === 'primary') names.push(...Object.keys(HOLDER_PINS));
  return Object.fromEntries(names.map((name) => [name, former?.lines[name] ?? null]));
}

/** An agent that is alive sees that the adoption is gone and renews no more: its last lease ends. */
async function untilLeaseRests({ paths, cluster, clock }: GuardContext): Promise<void> {
  let last = '';
  let since = clock.monotonicMillis();
  const quietMs = cluster.timings.renewSeconds * 1_000 * 3;
  await pollUntil(clock, cluster.timings.leaseSeconds * 2_000, POLL_MS, async () => {
    const text = JSON.stringify(await readLeaseFile(paths.leaseFile));
    if (text !== last) since = clock.monotonicMillis();
    last = text;
    return clock.monotonicMillis() - since >= quietMs ? true : undefined;
  });
}

/** The folder, unless keepalived still names a program in it: a script that is missing at its start is dropped without a word. */
async function removePrograms(context: GuardContext): Promise<boolean> {
  const { cluster, paths } = context;
  const { guardDirectory } = paths;
  const configurations = [cluster.keepalived.configFile, fragmentFile(context)];
  const texts = await Promise.all(configurations.map(readOptional));
  const named = texts.some((text) => text?.includes(join(guardDirectory, 'dead-man')) === true);
  const gone = named
    ? ['fuse', 'fuse-supervisor', 'recovery-end', 'restore-wal', 'user-commands', 'former.json']
    : ['.'];
  for (const name of gone) await rm(join(guardDirectory, name), { recursive: true, force: true });
  return !named;
}

function sentencesFor(
  { paths, cluster }: GuardContext,
  role: AdoptionReport['role'],
  removed: boolean,
): readonly string[] {
  const sentences = [
    role === 'stopped'
      ? 'This node is no longer adopted. PostgreSQL does not run.'
      : `This ${role} is no longer adopted: its settings are as they were, and the agent only observes.`,
  ];
  if (role === 'stopped')
    sentences.push(
      `Whether it starts as a standby is told by ${join(cluster.postgres.dataDirectory, 'standby.signal')}, which was left as it is.`,
    );
  if (!removed)
    sentences.push(
      `keepalived still names the dead-man script: it does nothing now. Take it out of keepalived's configuration, reload, then remove ${paths.guardDirectory}.`,
    );
  return sentences;
}
