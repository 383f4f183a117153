/** The loops that feed the keeper, each at its own pace, so that a slow one holds up none of the others. */
import { bootMillis, systemClock } from '../../world/clock.ts';
import { readCandidateSettings } from '../../world/postgres/candidate-settings.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';
import { every } from '../every.ts';
import type { Log } from '../log.ts';
import type { KeeperContext } from './context.ts';
import type { FileReader } from './facts.ts';
import { createSynchronousKeeper } from './keep-synchronous.ts';
import type { Keeper } from './keeper.ts';
import { createTakeUp } from './leave-lease.ts';
import type { LifeProbe } from './life-probe.ts';
import type { Surroundings } from './surroundings.ts';

export interface LoopParts {
  readonly keeper: Keeper;
  readonly context: KeeperContext;
  readonly files: FileReader;
  readonly life: LifeProbe;
  readonly surroundings: Surroundings;
  /** To the own server, for questions about its settings. */
  readonly session: PostgresSession;
}

const FILES_MS = 200;
const SETTINGS_MS = 200;
const SETTINGS_AGE_MS = 1_000;
const SLOW_MS = 5_000;
const SUSPICION_MS = 100;
const LIFE_MS = 500;
const SYNCHRONOUS_MS = 500;
const TAKE_UP_MS = 50;

/** Runs until the signal is aborted. A step that fails is logged and repeated. */
export async function runLoops(parts: LoopParts, signal: AbortSignal, log: Log): Promise<void> {
  const { keeper, files, surroundings, context } = parts;
  const { cluster } = context;
  const keepSynchronous = createSynchronousKeeper(context, () => keeper.duty);
  const loop = (name: string, intervalMs: number, step: () => Promise<void>): Promise<void> =>
    every({
      clock: systemClock,
      intervalMs,
      signal,
      step,
      failed: (error) => log.error({ error: String(error) }, `cannot step ${name}`),
    });
  await Promise.all([
    loop('keeper', cluster.timings.watchSeconds * 1000, () => Promise.resolve(keeper.tick())),
    loop('keeper files', FILES_MS, files.step),
    loop('standby settings', SETTINGS_MS, () => readSettings(parts)),
    loop('surroundings', SLOW_MS, () => surroundings.slowStep()),
    loop('suspicion', SUSPICION_MS, () => probeWhileSilent(parts)),
    loop('life probe', LIFE_MS, () => lookForLife(parts)),
    loop('upkeep', SLOW_MS, () => keeper.upkeep()),
    loop('synchronous replication', SYNCHRONOUS_MS, keepSynchronous),
    loop('take-up of the lease', TAKE_UP_MS, createTakeUp(parts)),
  ]);
}

/** The VIP is probed while the holder is silent, so that the answer is there when the voters have waited. */
async function probeWhileSilent({ keeper, context, surroundings }: LoopParts): Promise<void> {
  const { own, cluster } = context;
  const state = keeper.state();
  if (state === null || own.seen.state !== 'recovery') return;
  const { holderHeardAt } = state.snapshot.lease;
  // Three renewals were missed.
  const silenceMs = 3 * cluster.timings.renewSeconds * 1000;
  if (holderHeardAt === null || bootMillis() - holderHeardAt > silenceMs) await surroundings.suspiciousStep();
}

async function readSettings({ context, session }: LoopParts): Promise<void> {
  const { own, cluster } = context;
  const begunAt = bootMillis();
  if (own.seen.state !== 'recovery' || !own.settings.due(begunAt, SETTINGS_AGE_MS)) return;
  const outcome = await readCandidateSettings(session, cluster.timings.sqlStatementSeconds * 1000);
  const [settings] = outcome.kind === 'rows' ? outcome.rows : [];
  if (settings !== undefined) own.settings.take(settings, begunAt);
}

async function lookForLife({ context, life }: LoopParts): Promise<void> {
  if (context.own.seen.state === 'writable') await life.step();
  else life.reset();
}
