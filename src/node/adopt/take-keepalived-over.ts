/** Gives this node's keepalived Primacy's configuration: the primary's by a reload that keeps the VIP, a standby's by a stop and a start in FAULT. */
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keepalivedFragment } from '../../config/generate/keepalived.ts';
import { vipAddress } from '../../config/vip.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis, pollUntil } from '../../world/clock.ts';
import { syncDirectory, writeAtomically } from '../../world/files/atomic-write.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../world/files/guard-stamps.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { reloadKeepalived, testConfiguration } from '../../world/keepalived/control.ts';
import { readGate } from '../../world/keepalived/gate.ts';
import { keepalivedParent, stopKeepalived } from '../../world/keepalived/process.ts';
import { recordKeepalivedStart, startKeepalivedAgain } from '../../world/keepalived/start-again.ts';
import { takeOver } from '../../world/keepalived/take-over.ts';
import { readVip } from '../../world/network/addresses.ts';
import type { RunStep } from '../procedures/run-step.ts';
import type { GuardContext } from './guard-context.ts';
import { readKeepalivedBefore, rememberKeepalived } from './keepalived-before.ts';
import { refusal } from './preconditions.ts';

const POLL_MS = 50;
/** The gate opens at the agent's next look; the script runs once a second. */
const GATE_LIMIT_MS = 10_000;
const RUNS_LIMIT_MS = 15_000;
const STOP_LIMIT_SECONDS = 5;

/**
 * `runs`: it has our configuration, or a person does it by hand and has.
 * `by-hand`: there is no instance that could be taken over.
 * `take-over`: `text` is what keepalived.conf becomes, null where an earlier run has written it.
 */
export type TakeOverPlan =
  | { readonly kind: 'runs' }
  | { readonly kind: 'by-hand' }
  | { readonly kind: 'take-over'; readonly text: string | null; readonly dropped: readonly string[] };

export function fragmentFile({ cluster }: GuardContext): string {
  return join(dirname(cluster.keepalived.configFile), 'primacy.conf');
}

/** Changes nothing. Throws `refused` where the running instance and primacy.yml contradict one another. */
export async function planTakeOver(context: GuardContext): Promise<TakeOverPlan> {
  if (deadManRuns(context)) return { kind: 'runs' };
  const { cluster, paths } = context;
  const { configFile, vrrpInstance, transport } = cluster.keepalived;
  const text = await readOptional(configFile);
  if (text === null) return { kind: 'by-hand' };
  const before = await readKeepalivedBefore(paths.keepalivedBefore);
  if (before?.written === text) return { kind: 'take-over', text: null, dropped: [] };
  const found = takeOver(text, {
    name: vrrpInstance,
    vrid: cluster.vrid,
    interface: cluster.interface,
    vip: cluster.vip,
    transport,
    fragment: fragmentFile(context),
  });
  if (found.kind === 'absent') return { kind: 'by-hand' };
  if (found.kind === 'impossible')
    throw refusal(context, 'adopt', `${configFile} cannot be taken over: ${found.reason}`);
  return { kind: 'take-over', text: found.text, dropped: found.dropped };
}

/** The primary's: once the gate is open, by a reload. Throws where the VIP is not here afterwards. */
export async function reloadWithOurs(
  context: GuardContext,
  plan: TakeOverPlan,
  step: RunStep,
): Promise<readonly string[]> {
  if (plan.kind !== 'take-over') return [];
  const { clock, paths, runner, node } = context;
  const open = await pollUntil(clock, GATE_LIMIT_MS, POLL_MS, async () => {
    const gate = await readGate(paths.gateFile);
    return gate.kind === 'known' && gate.value ? true : undefined;
  });
  // With the gate closed the reload itself would take the VIP away.
  if (open !== true)
    throw refusal(context, 'adopt', `the agent does not open the gate ${paths.gateFile} on this primary`);
  await writeConfiguration(context, plan, step);
  await step('keepalived-reload', () => reloadKeepalived(runner));
  await untilOursRuns(context);
  const vip = await readVip(vipAddress(context.cluster), runner);
  if (vip.kind === 'known' && vip.value.present)
    return [`keepalived has Primacy's configuration; the VIP stayed.`, ...sayDropped(plan)];
  throw new PrimacyError(
    'postcondition-missing',
    `cannot see the VIP on ${node.name} after the reload of keepalived: look at its log`,
  );
}

/** A standby's: it starts in FAULT because the gate is closed, beside whatever the primary's keepalived runs. */
export async function startWithOurs(
  context: GuardContext,
  plan: TakeOverPlan,
  step: RunStep,
): Promise<readonly string[]> {
  if (plan.kind !== 'take-over') return [];
  const { clock, paths, runner } = context;
  const gate = await readGate(paths.gateFile);
  if (gate.kind === 'unknown' || gate.value)
    throw refusal(context, 'prepare', 'its gate is not closed; is this a standby, and does its agent run?');
  const ran = keepalivedParent() !== null;
  await recordKeepalivedStart(paths.keepalivedStart);
  await step('keepalived-stop', () => stopKeepalived(runner, clock, STOP_LIMIT_SECONDS));
  await writeConfiguration(context, plan, step);
  await step('keepalived-start', () =>
    startKeepalivedAgain(paths.keepalivedStart, runner, clock, STOP_LIMIT_SECONDS),
  );
  if (!ran && keepalivedParent() === null)
    return [`keepalived has Primacy's configuration and does not run: start it.`, ...sayDropped(plan)];
  await untilOursRuns(context);
  return [`keepalived has Primacy's configuration and waits in FAULT.`, ...sayDropped(plan)];
}

/** Tested in place of the file it replaces, and remembered first. */
async function writeConfiguration(
  context: GuardContext,
  plan: Extract<TakeOverPlan, { kind: 'take-over' }>,
  step: RunStep,
): Promise<void> {
  const { cluster, node, paths, runner } = context;
  const { configFile } = cluster.keepalived;
  await step('keepalived-fragment', () =>
    writeAtomically(fragmentFile(context), keepalivedFragment(cluster, node, paths), { mode: 0o644 }),
  );
  const { text } = plan;
  if (text === null) return testConfiguration(runner, configFile);
  await step('keepalived-configuration', async () => {
    const candidate = `${configFile}.primacy`;
    await writeFile(candidate, text, { mode: 0o644, flush: true });
    await chmod(candidate, 0o644);
    try {
      await testConfiguration(runner, candidate);
      await rememberKeepalived(paths.keepalivedBefore, configFile, text);
      await rename(candidate, configFile);
    } finally {
      await rm(candidate, { force: true });
    }
    await syncDirectory(dirname(configFile));
  });
}

/** keepalived's script stamps tmpfs whatever the VRRP state: nothing else proves which configuration it runs. */
async function untilOursRuns(context: GuardContext): Promise<void> {
  const runs = await pollUntil(context.clock, RUNS_LIMIT_MS, POLL_MS, () =>
    Promise.resolve(deadManRuns(context) ? true : undefined),
  );
  if (runs !== true)
    throw new PrimacyError(
      'postcondition-missing',
      `cannot see keepalived of ${context.node.name} run Primacy's dead-man script: look at its log, then run this again`,
    );
}

export function deadManRuns({ paths }: GuardContext): boolean {
  const alive = readGuardStamp(paths.deadManStamp, bootMillis(), GUARD_SILENCE_MS.deadMan);
  return alive.kind === 'known' && alive.value;
}

function sayDropped({ dropped }: Extract<TakeOverPlan, { kind: 'take-over' }>): readonly string[] {
  return dropped.length === 0
    ? []
    : [`No longer run by keepalived, because Primacy promotes and fences itself: ${dropped.join('; ')}.`];
}
