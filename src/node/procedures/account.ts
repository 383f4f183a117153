/** Accounts for what this fenced node committed and the survivor does not have, and keeps its WAL, before anything may be rewound. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accountText } from '../../core/divergence/account-digest.ts';
import { historyFileName, segmentBegin } from '../../core/divergence/wal-position.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { formatLsn, lsnDifferenceBytes } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import { acceptFenceNumber } from '../../world/files/fence-number.ts';
import {
  findBundle,
  keepFiles,
  readBundleManifest,
  writeBundleManifest,
} from '../../world/files/salvage-bundle.ts';
import { readControlFile, type ControlFile } from '../../world/postgres/control-data.ts';
import { countDivergence, type Divergence } from './account/count-divergence.ts';
import { openLoserWal, unbrokenFrom, type LoserWal } from './account/loser-wal.ts';
import type { Order, ProcedureContext } from './context.ts';
import { isHalfMade, readManifest, refusal, requireFencedAndDown } from './preconditions.ts';
import { stepsOf } from './run-step.ts';
import { withSurvivor, type Survivor } from './survivor-session.ts';

/** Relations that Primacy writes itself. */
const OWN_RELATIONS = ['public.sr_delay', 'primacy.epoch', 'primacy.marker'];

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
  await requireFencedAndDown(context);
  const step = stepsOf(context, 'account', order);
  return withSurvivor(context, order.survivor, async (survivor) => {
    const control = await readControl(context);
    const wal = await openLoserWal(context, control);
    const divergence = await step(
      'count',
      () => count(context, survivor, control, wal),
      (it) => `${it.clientTransactions} of ${it.transactions} transactions are clients'`,
    );
    const result = await accountOf(context, order, survivor, wal, divergence);
    await step(
      'keep-wal',
      () => keep(context, result, control, wal),
      () => result.bundle,
    );
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
  { facts, session, filesOf }: Survivor,
  control: ControlFile,
  wal: LoserWal,
): Promise<Divergence> {
  if (facts.systemIdentifier !== control.systemIdentifier)
    throw refusal(
      context,
      `it belongs to cluster ${control.systemIdentifier}, the survivor to ${facts.systemIdentifier}`,
    );
  const ignored = await filesOf([...OWN_RELATIONS, ...context.cluster.account.ignore]);
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
    ...divergence,
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

/** WAL first, manifest last, each durable: the bundle has to survive the rewind and a loss of power during it. */
async function keep(
  context: ProcedureContext,
  result: DivergenceAccount,
  control: ControlFile,
  wal: LoserWal,
): Promise<void> {
  const names = result.bytes === 0 ? [] : filesFrom(wal, result);
  await mkdir(result.bundle, { recursive: true, mode: 0o700 });
  await keepFiles(
    join(result.bundle, 'wal'),
    names.map((name) => ({ path: join(wal.directory, name), name })),
  );
  await writeBundleManifest(result.bundle, {
    account: result,
    createdAt: context.clock.wallMillis(),
    history: wal.history,
    control: { state: control.state, checkpointLsn: formatLsn(control.checkpointLsn) },
    files: names,
  });
}

/** Every segment from the fork to the end, and the history files that say how they belong together. */
function filesFrom(wal: LoserWal, result: DivergenceAccount): readonly string[] {
  const segments = unbrokenFrom(wal, result.forkLsn)
    .filter((link) => segmentBegin(link.number, wal.segmentBytes) < result.endLsn)
    .map((link) => link.file);
  const timelines = [...wal.branch.history.map((entry) => entry.timeline), wal.branch.timeline];
  const histories = timelines.map((it) => historyFileName(it)).filter((name) => wal.files.has(name));
  return [...histories, ...segments];
}
