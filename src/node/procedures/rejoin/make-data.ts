/** Makes the data directory follow the survivor's history: as it is, by pg_rewind, or by a base backup that takes its place. */
import { dirname } from 'node:path';
import type { DivergenceAccount } from '../../../core/model/account.ts';
import { decideRejoin, type RejoinDecision } from '../../../core/divergence/decide-rejoin.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import {
  writeRejoinManifest,
  type RejoinManifest,
  type RejoinMethod,
} from '../../../world/files/rejoin-manifest.ts';
import { findBackupPlaces, keptPathOf } from '../../../world/postgres/backup-places.ts';
import {
  diskWasFull,
  readTablespaces,
  removeHalfCopy,
  takeBaseBackup,
} from '../../../world/postgres/base-backup.ts';
import { readControlFile, type ControlFile } from '../../../world/postgres/control-data.ts';
import { rewindCommand, rewindSucceeded } from '../../../world/postgres/rewind.ts';
import { checkpoint, readSurvivorFacts, type SurvivorFacts } from '../../../world/postgres/survivor.ts';
import { swapDirectories } from '../../../world/postgres/swap-directories.ts';
import { describeResult } from '../../../world/remote/runner.ts';
import type { ProcedureContext } from '../context.ts';
import { refusal } from '../preconditions.ts';
import { withIsolatedServer } from '../isolated-server.ts';
import type { RunStep } from '../run-step.ts';
import type { Survivor } from '../survivor-session.ts';
import { hasCheckpointAhead } from './checkpoint-ahead.ts';
import { preflight, requireRoomForCopy } from './preflight.ts';
import { copyOptions } from './prepare.ts';

export interface Rejoining {
  readonly context: ProcedureContext;
  readonly account: DivergenceAccount;
  readonly survivor: Survivor;
  readonly step: RunStep;
}

/** Makes the directory right and returns the manifest with the way it took. `spoiled`: only a base backup can help any more. */
export async function makeData(
  it: Rejoining,
  manifest: RejoinManifest,
  spoiled: boolean,
): Promise<RejoinManifest> {
  const how = await decide(it, spoiled, manifest.backupComplete);
  const decided = await advance(it, { ...manifest, phase: 'rewinding', how });
  if (how === 'basebackup') return replaceByBackup(it, decided);
  if (how === 'none' || (await rewind(it))) return decided;
  return replaceByBackup(it, await advance(it, { ...decided, how: 'basebackup' }));
}

/** Writes the manifest: what is about to happen, or has. */
export async function advance(it: Rejoining, manifest: RejoinManifest): Promise<RejoinManifest> {
  await writeRejoinManifest(it.context.paths.rejoinManifest, manifest);
  return manifest;
}

function describe({ how, why }: RejoinDecision): string {
  return `${how}: ${why}`;
}

/** `complete`: a copy stands beside the directory and is whole; any other is removed. */
async function decide(it: Rejoining, spoiled: boolean, complete: boolean): Promise<RejoinMethod> {
  const { context, account, survivor, step } = it;
  const obstacle = await step(
    'preflight',
    async () => {
      if (!complete) await removeHalfCopy(context.cluster.postgres.dataDirectory);
      return preflight(context, survivor);
    },
    (why) => why ?? 'pg_rewind can work',
  );
  // A spoiled directory may have no readable control file; nothing of it is needed.
  if (spoiled) return 'basebackup';
  const look = async (recovered: boolean): Promise<RejoinDecision> => {
    const control = await readControlFile(context.runner, context.cluster.postgres);
    if (control.kind === 'unknown') throw refusal(context, control.reason);
    const checkpointAhead = await looksAhead(context, control.value, recovered);
    return decideRejoin({
      account,
      control: control.value,
      checkpointAhead,
      recovered,
      spoiled,
      survivorAllows: obstacle === null,
    });
  };
  let decision = await step('decide', () => look(false), describe);
  if (decision.how === 'recover') {
    const replayed = await recoverAlone(it);
    decision = await step('decide', () => look(true), describe);
    if (!replayed) return 'basebackup';
  }
  return decision.how === 'recover' ? 'basebackup' : decision.how;
}

/** Lets an uncleanly stopped server recover by itself, read-only, and stops it cleanly. Returns whether it replayed everything. */
async function recoverAlone({ context, account, step }: Rejoining): Promise<boolean> {
  const { loserTimeline, endLsn } = account;
  const recovered = await step(
    'recover-alone',
    () => withIsolatedServer(context, loserTimeline, endLsn, step, () => Promise.resolve()),
    (outcome) => (outcome.kind === 'served' ? 'it has replayed everything' : outcome.why),
  );
  return recovered.kind === 'served';
}

/** Null where nothing depends on it, and where the WAL cannot be read: then the recovery itself shows. */
async function looksAhead(
  context: ProcedureContext,
  control: ControlFile,
  recovered: boolean,
): Promise<boolean | null> {
  if (recovered) return null;
  try {
    return await hasCheckpointAhead(context, control);
  } catch (error) {
    if (error instanceof PrimacyError) return null;
    throw error;
  }
}

/** False where pg_rewind did not prove that it did its work: the directory counts as spoiled from then on. */
async function rewind(it: Rejoining): Promise<boolean> {
  const { context, survivor, step } = it;
  const { postgres, timings } = context.cluster;
  await step('checkpoint-survivor', () => checkpointSurvivor(it));
  const command = rewindCommand(postgres, copyOptions(context, survivor, timings.rewindSeconds));
  const result = await step(
    'pg-rewind',
    () => context.runner.run(command),
    (outcome) => describeResult(command, outcome),
  );
  return rewindSucceeded(result);
}

/** pg_rewind reads the source's timeline from its last checkpoint, which after a promotion is old for minutes (facts.md section 6). */
async function checkpointSurvivor({ context, survivor }: Rejoining): Promise<void> {
  const { timings } = context.cluster;
  const look = (): Promise<SurvivorFacts> =>
    readSurvivorFacts(survivor.session, timings.sqlStatementSeconds * 1_000);
  const before = await look();
  if (before.checkpointTimeline === before.timeline) return;
  await checkpoint(survivor.session, timings.rewindSeconds * 1_000);
  const facts = await look();
  if (facts.checkpointTimeline !== facts.timeline)
    throw new PrimacyError(
      'postcondition-missing',
      `cannot rewind towards ${survivor.name}: its checkpoint is on timeline ${facts.checkpointTimeline}, its WAL on ${facts.timeline}`,
      { retryable: true },
    );
}

function diskFull({ context, survivor }: Rejoining): PrimacyError {
  const place = dirname(context.cluster.postgres.dataDirectory);
  return new PrimacyError(
    'command-failed',
    `cannot copy ${survivor.name} to ${context.node.name}: the disk of ${place} is full; the old data directory is whole: make room, and the rejoin goes on`,
    { retryable: true },
  );
}

async function replaceByBackup(it: Rejoining, manifest: RejoinManifest): Promise<RejoinManifest> {
  const { context, survivor, step } = it;
  const { postgres, timings } = context.cluster;
  let current = manifest;
  const label = `${current.remediation}-${current.startedAt}`;
  if (!current.backupComplete) {
    const places = await step('find-places', async () => {
      const tablespaces = await readTablespaces(survivor.session, timings.sqlStatementSeconds * 1_000);
      return findBackupPlaces(postgres.dataDirectory, label, tablespaces);
    });
    await step('find-room', () => requireRoomForCopy(context, survivor));
    const options = copyOptions(context, survivor, timings.basebackupSeconds);
    const { command, result } = await step(
      'pg-basebackup',
      () => takeBaseBackup(context.runner, postgres, places, options),
      (taken) => describeResult(taken.command, taken.result),
    );
    if (diskWasFull(result)) throw diskFull(it);
    if (result.kind !== 'done')
      throw new PrimacyError(
        'command-failed',
        `cannot copy ${survivor.name} to ${context.node.name}: ${describeResult(command, result)}`,
        { retryable: true },
      );
    current = await advance(it, { ...current, backupComplete: true });
  }
  await step(
    'swap-directories',
    () => swapDirectories(postgres.dataDirectory, label),
    () => `the old one is ${keptPathOf(postgres.dataDirectory, label)}`,
  );
  // Not written yet: until the caller records the next phase, a crash has to find the backup complete.
  return { ...current, backupComplete: false };
}
