/** Starts a stopped server whose whole WAL is part of the holder's as its standby, without counting or changing any data. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { readControlFile } from '../../world/postgres/control-data.ts';
import { logFileOf, startPostgres } from '../../world/postgres/service.ts';
import { pinServer } from '../adopt/pin-server.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { refusal } from '../procedures/preconditions.ts';
import { pointAt, writeReceiverPassword } from '../procedures/rejoin/prepare.ts';
import { verifyFollowing } from '../procedures/rejoin/verify.ts';
import type { RunStep } from '../procedures/run-step.ts';
import type { Survivor } from '../procedures/survivor-session.ts';
import { compareStopped, type Fit } from './compare-with-holder.ts';

export type FittingOutcome =
  | { readonly kind: 'following'; readonly how: 'start' }
  | { readonly kind: 'join-needed'; readonly reason: string };

/** `join-needed`: the WAL does not fit, could not be compared, or the started server did not follow. */
export async function startFitting(
  context: ProcedureContext,
  survivor: Survivor,
  step: RunStep,
): Promise<FittingOutcome> {
  const fit = await step(
    'compare-with-holder',
    () => compareFiles(context, survivor),
    (it) => (it.fits ? 'it fits' : it.why),
  );
  if (!fit.fits) return { kind: 'join-needed', reason: fit.why };
  await step('point-at-holder', async () => {
    await pinServer(context, 'standby');
    await writeReceiverPassword(context);
    await pointAt(context, survivor);
  });
  try {
    await step('start-postgres', () => startServer(context));
    await step('verify', () => verifyFollowing(context, survivor));
    return { kind: 'following', how: 'start' };
  } catch (error) {
    if (!(error instanceof PrimacyError) || error.code !== 'postcondition-missing') throw error;
    return { kind: 'join-needed', reason: error.message };
  }
}

/** WAL that cannot be read is left to the account, which says so. */
async function compareFiles(context: ProcedureContext, survivor: Survivor): Promise<Fit> {
  const control = await readControlFile(context.runner, context.cluster.postgres);
  if (control.kind === 'unknown') throw refusal(context, control.reason);
  if (control.value.systemIdentifier !== survivor.facts.systemIdentifier)
    throw refusal(
      context,
      `it belongs to cluster ${control.value.systemIdentifier}, ${survivor.name} to ${survivor.facts.systemIdentifier}`,
    );
  try {
    return await compareStopped(context, control.value, survivor);
  } catch (error) {
    if (!(error instanceof PrimacyError)) throw error;
    return { fits: false, seen: false, why: error.message };
  }
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
