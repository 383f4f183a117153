/** Brings this fenced node back as a standby of the survivor, bound to one account of what it discards, and proves it with a row. */
import type { DivergenceAccount } from '../../core/model/account.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { formatLsn } from '../../core/model/lsn.ts';
import { removeFenceMarker } from '../../world/files/fence-marker.ts';
import { acceptFenceNumber } from '../../world/files/fence-number.ts';
import { clearRejoinFailure, writeRejoinFailure } from '../../world/files/rejoin-failure.ts';
import type { RejoinManifest } from '../../world/files/rejoin-manifest.ts';
import { findBundle, readBundleManifest, type BundleManifest } from '../../world/files/salvage-bundle.ts';
import { readControlFile } from '../../world/postgres/control-data.ts';
import { logFileOf, startPostgres } from '../../world/postgres/service.ts';
import type { RejoinReport } from '../../world/remote/protocol.ts';
import { pinServer } from '../adopt/pin-server.ts';
import type { Order, ProcedureContext } from './context.ts';
import { isHalfMade, readManifest, readMarker, refusal, requireFencedAndDown } from './preconditions.ts';
import { advance, makeData, type Rejoining } from './rejoin/make-data.ts';
import { keepConfiguration, writeConfiguration, writeReceiverPassword } from './rejoin/prepare.ts';
import { pruneReplaced } from './rejoin/prune-replaced.ts';
import { verifyFollowing } from './rejoin/verify.ts';
import { secondsSince, stepsOf } from './run-step.ts';
import { endPostgres } from './stop-postgres.ts';
import { withSurvivor } from './survivor-session.ts';

type RejoinOrder = Order & { readonly survivor: NodeName; readonly accountDigest: string };

/**
 * The manifest on disk says how far it got; called again at any point it goes on from there. An interrupted pg_rewind is never trusted:
 * the node gets a base backup. Throws `refused` before it changes anything, other codes where a step's end could not be seen.
 */
export async function rejoin(context: ProcedureContext, order: RejoinOrder): Promise<RejoinReport> {
  try {
    const report = await rejoinUnrecorded(context, order);
    await clearRejoinFailure(context.paths.rejoinFailure);
    return report;
  } catch (error) {
    // An order that a newer one has replaced says nothing about this node.
    if (!(error instanceof PrimacyError && error.code === 'superseded'))
      await writeRejoinFailure(context.paths.rejoinFailure, {
        at: context.clock.wallMillis(),
        reason: errorText(error),
      });
    throw error;
  }
}

async function rejoinUnrecorded(context: ProcedureContext, order: RejoinOrder): Promise<RejoinReport> {
  await acceptFenceNumber(context.paths.fenceNumber, order.fenceNumber);
  const found = await readManifest(context);
  if (found !== null && isFinished(found, order)) return finish(context, order, found);
  const manifest = isHalfMade(found) ? found : null;
  const account = await requireAccount(context, order, manifest);
  return withSurvivor(context, order.survivor, async (survivor) => {
    const step = stepsOf(context, 'rejoin', order);
    const it: Rejoining = { context, account, survivor, step };
    if (survivor.facts.systemIdentifier !== account.systemIdentifier)
      throw refusal(context, `${survivor.name} belongs to cluster ${survivor.facts.systemIdentifier}`);
    const begun = manifest ?? (await begin(it, order));
    const moved = begun.survivor !== order.survivor;
    const aimed = moved ? { ...begun, survivor: order.survivor, backupComplete: false } : begun;
    const verified = await follow(it, aimed, moved);
    const report = await finish(context, order, verified);
    // Last: it may take minutes, and the node is in service already.
    await pruneReplaced(context, step);
    return report;
  });
}

/** The same order again after its end: its answer was lost, so it gets the same one. */
function isFinished(manifest: RejoinManifest, order: RejoinOrder): boolean {
  return manifest.phase === 'verified' && manifest.accountDigest === order.accountDigest;
}

/** The account this rejoin is bound to, still true of what is on disk. */
async function requireAccount(
  context: ProcedureContext,
  order: RejoinOrder,
  manifest: RejoinManifest | null,
): Promise<DivergenceAccount> {
  const bundle =
    manifest === null ? await bundleOf(context, order) : await readBundleManifest(manifest.bundle);
  if (bundle?.account.digest !== order.accountDigest)
    throw refusal(context, 'it has no account with the digest that was approved');
  if (manifest !== null) {
    if ((await readMarker(context)) === null) throw refusal(context, 'the node is not fenced');
    return bundle.account;
  }
  await requireFencedAndDown(context);
  const control = await readControlFile(context.runner, context.cluster.postgres);
  if (control.kind === 'unknown') throw refusal(context, control.reason);
  if (formatLsn(control.value.checkpointLsn) !== bundle.control.checkpointLsn)
    throw refusal(context, 'the server has run since the account was made');
  return bundle.account;
}

async function bundleOf(context: ProcedureContext, order: RejoinOrder): Promise<BundleManifest | null> {
  const { salvageDirectory } = context.paths;
  const isApproved = (_directory: string, it: BundleManifest): boolean =>
    it.account.digest === order.accountDigest;
  return (await findBundle(salvageDirectory, order.remediation, isApproved)).manifest;
}

/** From here on the data directory belongs to the rejoin. Throws `refused` where the survivor changed its timeline since the account. */
async function begin(it: Rejoining, order: RejoinOrder): Promise<RejoinManifest> {
  const { context, account, survivor, step } = it;
  if (survivor.name !== account.survivor || survivor.facts.timeline !== account.survivorTimeline)
    throw refusal(context, `${survivor.name} is not on the timeline that the account was made against`);
  const manifest: RejoinManifest = {
    remediation: order.remediation,
    survivor: order.survivor,
    accountDigest: order.accountDigest,
    bundle: account.bundle,
    startedAt: context.clock.wallMillis(),
    phase: 'accounted',
    how: null,
    backupComplete: false,
    rewindSeconds: 0,
    startSeconds: 0,
    verifySeconds: 0,
    totalSeconds: 0,
  };
  await step('keep-configuration', () => keepConfiguration(context, manifest));
  return advance(it, manifest);
}

/** Data, start, proof; and once more with a base backup where the first way did not lead to a following node. */
async function follow(it: Rejoining, manifest: RejoinManifest, moved: boolean): Promise<RejoinManifest> {
  const start = it.context.clock.monotonicMillis();
  await it.step('write-password-file', () => writeReceiverPassword(it.context));
  const { phase } = manifest;
  const current =
    phase === 'accounted' || phase === 'rewinding' || moved
      ? await renewData(it, manifest, phase !== 'accounted')
      : manifest;
  let following: RejoinManifest;
  try {
    following = await startAndVerify(it, current);
  } catch (error) {
    const notFollowing = error instanceof PrimacyError && error.code === 'postcondition-missing';
    if (!notFollowing || current.how === 'basebackup') throw error;
    following = await startAndVerify(it, await renewData(it, current, true));
  }
  const totalSeconds = manifest.totalSeconds + secondsSince(it.context, start);
  return advance(it, { ...following, phase: 'verified', totalSeconds });
}

async function renewData(it: Rejoining, manifest: RejoinManifest, spoiled: boolean): Promise<RejoinManifest> {
  const { context } = it;
  const start = context.clock.monotonicMillis();
  await endPostgres(context, it.step);
  // A rewind that was interrupted is not trusted; a backup that was interrupted only begins again.
  const made = await makeData(it, manifest, spoiled);
  const rewindSeconds = manifest.rewindSeconds + secondsSince(context, start);
  return advance(it, { ...made, phase: 'rewound', rewindSeconds });
}

async function startAndVerify(it: Rejoining, manifest: RejoinManifest): Promise<RejoinManifest> {
  const { context, survivor, step } = it;
  const clock = context.clock;
  const begun = clock.monotonicMillis();
  await endPostgres(context, step);
  await step('write-configuration', () => writeConfiguration(context, manifest, survivor));
  // What was kept of this node's own settings may be from before its adoption.
  await step('pin-settings', () => pinServer(context, 'standby'));
  await step('start-postgres', () => startServer(context));
  const started = await advance(it, {
    ...manifest,
    phase: 'started',
    startSeconds: secondsSince(context, begun),
  });
  const looked = clock.monotonicMillis();
  await step('verify', () => verifyFollowing(context, survivor));
  return { ...started, verifySeconds: secondsSince(context, looked) };
}

/** A start that is still under way at its limit is left to the verification. */
async function startServer(context: ProcedureContext): Promise<void> {
  const { postgres, timings } = context.cluster;
  const result = await startPostgres(context.runner, postgres, timings.startSeconds);
  if (result.kind === 'failed')
    throw new PrimacyError(
      'postcondition-missing',
      `cannot start PostgreSQL on ${context.node.name}: ${result.stderr.trim().slice(-500)}; see ${logFileOf(postgres.dataDirectory)}`,
      { retryable: true },
    );
}

/** Lifts the fence. Each part does nothing where it was done before. */
async function finish(
  context: ProcedureContext,
  order: Order,
  manifest: RejoinManifest,
): Promise<RejoinReport> {
  const step = stepsOf(context, 'rejoin', order);
  if ((await readMarker(context)) !== null) {
    await step('start-keepalived', () => context.vip.startKeepalivedAgain());
    await step('lift-marker', () => removeFenceMarker(context.paths.fenceMarker));
  }
  return {
    how: manifest.how ?? 'none',
    seconds: {
      rewind: manifest.rewindSeconds,
      start: manifest.startSeconds,
      verify: manifest.verifySeconds,
      total: manifest.totalSeconds,
    },
  };
}
