/** Accounts for what this fenced node committed and the survivor does not have, and keeps its WAL and rows, before anything may be rewound. */
import { createHash } from 'node:crypto';
import { accountText } from '../../core/divergence/account-digest.ts';
import type { FileNode } from '../../core/divergence/wal-record.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { lsnDifferenceBytes } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import { acceptFenceNumber } from '../../world/files/fence-number.ts';
import { findBundle, readBundleManifest } from '../../world/files/salvage-bundle.ts';
import { readControlFile, type ControlFile } from '../../world/postgres/control-data.ts';
import { countDivergence, type Divergence } from './account/count-divergence.ts';
import { endLeftIsolated } from './isolated-server.ts';
import { openLoserWal, type LoserWal } from './account/loser-wal.ts';
import { makeBundle } from './account/make-bundle.ts';
import type { Order, ProcedureContext } from './context.ts';
import { isHalfMade, readManifest, refusal, requireFencedAndDown } from './preconditions.ts';
import { stepsOf } from './run-step.ts';
import { withSurvivor, type Survivor } from './survivor-session.ts';

/** Relations that Primacy writes itself. */
const OWN_RELATIONS = ['public.sr_delay', 'primacy.epoch', 'primacy.marker', 'primacy.salvage_replay'];

/**
 * Throws `refused` where the count would be a guess: WAL missing, another cluster, a server that runs. Called again it counts again and
 * ends with the same bundle; once a rejoin has begun to change the data directory, it returns the account that rejoin is bound to.
 */
export async function account(
  context: ProcedureContext,
  order: Order & { readonly survivor: NodeName },
): Promise<DivergenceAccount> {
  await acceptFenceNumber(context.paths.fenceNumber, order.fenceNumber);
  const manifest = await readManifest(context);
  if (manifest !== null && isHalfMade(manifest)) {
    const kept = await readBundleManifest(manifest.bundle);
    if (kept === null) throw refusal(context, `the salvage bundle ${manifest.bundle} is missing`);
    return kept.account;
  }
  const step = stepsOf(context, 'account', order);
  await endLeftIsolated(context, step);
  await requireFencedAndDown(context);
  return withSurvivor(context, order.survivor, async (survivor) => {
    const control = await readControl(context);
    const wal = await openLoserWal(context, control);
    const ignored = await survivor.filesOf([...OWN_RELATIONS, ...context.cluster.account.ignore]);
    const divergence = await step(
      'count',
      () => count(context, survivor, control, wal, ignored),
      (it) => `${it.clientTransactions} of ${it.transactions} transactions are clients'`,
    );
    const result = await accountOf(context, order, survivor, wal, divergence);
    await makeBundle({ context, account: result, survivor, wal, counted: divergence.counted, ignored, step });
    return result;
  });
}

async function readControl(context: ProcedureContext): Promise<ControlFile> {
  const control = await readControlFile(context.runner, context.cluster.postgres);
  if (control.kind === 'unknown') throw refusal(context, control.reason);
  return control.value;
}

async function count(
  context: ProcedureContext,
  { facts, session }: Survivor,
  control: ControlFile,
  wal: LoserWal,
  ignored: ReadonlySet<FileNode>,
): Promise<Divergence> {
  if (facts.systemIdentifier !== control.systemIdentifier)
    throw refusal(
      context,
      `it belongs to cluster ${control.systemIdentifier}, the survivor to ${facts.systemIdentifier}`,
    );
  return countDivergence(context, { control, wal, survivor: facts, session, ignored });
}

async function accountOf(
  context: ProcedureContext,
  order: Order & { readonly survivor: NodeName },
  { facts }: Survivor,
  wal: LoserWal,
  divergence: Divergence,
): Promise<DivergenceAccount> {
  const fields = {
    node: context.node.name as NodeName,
    survivor: order.survivor,
    systemIdentifier: facts.systemIdentifier,
    loserTimeline: wal.branch.timeline,
    survivorTimeline: facts.timeline,
    forkLsn: divergence.forkLsn,
    endLsn: divergence.endLsn,
    transactions: divergence.transactions,
    clientTransactions: divergence.clientTransactions,
    bytes: lsnDifferenceBytes(divergence.endLsn, divergence.forkLsn),
  };
  const inBundle = (bundle: string): DivergenceAccount => {
    const whole = { ...fields, bundle };
    return { ...whole, digest: createHash('sha256').update(accountText(whole)).digest('hex') };
  };
  const { directory } = await findBundle(
    context.paths.salvageDirectory,
    order.remediation,
    (bundle, manifest) => manifest.account.digest === inBundle(bundle).digest,
  );
  return inBundle(directory);
}
