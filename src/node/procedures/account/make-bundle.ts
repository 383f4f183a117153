/** Makes the salvage bundle of one account: WAL first, then rows and pages, the manifest last, each durable before anything may be rewound. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import { historyFileName, segmentBegin } from '../../../core/divergence/wal-position.ts';
import type { FileNode } from '../../../core/divergence/wal-record.ts';
import type { DivergenceAccount } from '../../../core/model/account.ts';
import { formatLsn, type Lsn } from '../../../core/model/lsn.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { accountPage } from '../../../core/salvage/account-page.ts';
import { createHashedFile, sumOf, type FileSum } from '../../../world/files/hashed-file.ts';
import {
  keepFiles,
  readBundleManifest,
  writeBundleManifest,
  type BundleManifest,
} from '../../../world/files/salvage-bundle.ts';
import { readControlFile } from '../../../world/postgres/control-data.ts';
import type { ProcedureContext } from '../context.ts';
import { refusal } from '../preconditions.ts';
import type { RunStep } from '../run-step.ts';
import type { Survivor } from '../survivor-session.ts';
import { unbrokenFrom, type LoserWal } from './loser-wal.ts';
import { makeRoom } from './make-room.ts';
import { bundleName, takeContent, type TakenContent } from './take-content.ts';

export interface BundleParts {
  readonly context: ProcedureContext;
  readonly account: DivergenceAccount;
  readonly survivor: Survivor;
  readonly wal: LoserWal;
  readonly counted: { readonly count: TransactionCount; readonly from: Lsn } | null;
  readonly ignored: ReadonlySet<FileNode>;
  readonly step: RunStep;
}

const NOTHING: { readonly content: null; readonly sums: Readonly<Record<string, FileSum>> } = {
  content: null,
  sums: {},
};

/** A bundle that is complete is kept as it is. Throws `refused` where the disk has no room, or the rows cannot be taken. */
export async function makeBundle(parts: BundleParts): Promise<void> {
  const { context, account, step } = parts;
  const made = await readBundleManifest(account.bundle);
  if (made !== null) {
    await step('keep-manifest', async () =>
      writeBundleManifest(account.bundle, await renewed(context, made)),
    );
    return;
  }
  try {
    await step('make-room', () => makeRoom(context, account), String);
    await mkdir(account.bundle, { recursive: true, mode: 0o700 });
    await chmod(context.paths.salvageDirectory, 0o700);
    const kept = await step(
      'keep-wal',
      () => keepWal(parts),
      () => account.bundle,
    );
    const taken = await take(parts);
    const pages = taken.content === null ? {} : await writePage(account, taken.content);
    await step('keep-manifest', () => writeManifest(parts, kept, taken, pages));
  } catch (error) {
    throw diskFull(error) ? noRoom(context, account) : error;
  }
}

/** The server may have run alone since; what was counted and kept is the same. */
async function renewed(context: ProcedureContext, made: BundleManifest): Promise<BundleManifest> {
  return { ...made, control: await controlOf(context) };
}

async function take(parts: BundleParts): Promise<TakenContent | typeof NOTHING> {
  const { account, counted } = parts;
  if (counted === null || account.clientTransactions === 0) return NOTHING;
  return takeContent({ ...parts, count: counted.count, from: counted.from });
}

interface KeptWal {
  readonly names: readonly string[];
  readonly sums: Readonly<Record<string, FileSum>>;
}

async function keepWal({ account, wal }: BundleParts): Promise<KeptWal> {
  const names = account.bytes === 0 ? [] : filesFrom(wal, account);
  const folder = join(account.bundle, 'wal');
  await keepFiles(
    folder,
    names.map((name) => ({ path: join(wal.directory, name), name })),
  );
  const sums: Record<string, FileSum> = {};
  for (const name of names) sums[`wal/${name}`] = await sumOf(join(folder, name));
  return { names, sums };
}

async function writePage(
  account: DivergenceAccount,
  content: NonNullable<BundleManifest['content']>,
): Promise<Readonly<Record<string, FileSum>>> {
  const name = 'account.md';
  const file = await createHashedFile(join(account.bundle, name));
  try {
    await file.write(accountPage(account, content, bundleName(account)));
    return { [name]: await file.complete() };
  } finally {
    await file.discard();
  }
}

/** The control file is read now: the isolated server has changed it, and a rejoin refuses where it was changed since. */
async function writeManifest(
  { context, account, wal }: BundleParts,
  kept: KeptWal,
  taken: TakenContent | typeof NOTHING,
  pages: Readonly<Record<string, FileSum>>,
): Promise<void> {
  await writeBundleManifest(account.bundle, {
    account,
    createdAt: context.clock.wallMillis(),
    history: wal.history,
    control: await controlOf(context),
    files: kept.names,
    content: taken.content,
    sums: { ...kept.sums, ...taken.sums, ...pages },
  });
}

async function controlOf(context: ProcedureContext): Promise<BundleManifest['control']> {
  const control = await readControlFile(context.runner, context.cluster.postgres);
  if (control.kind === 'unknown') throw refusal(context, control.reason);
  return { state: control.value.state, checkpointLsn: formatLsn(control.value.checkpointLsn) };
}

/** Every segment from the fork to the end, and the history files that say how they belong together. */
function filesFrom(wal: LoserWal, account: DivergenceAccount): readonly string[] {
  const segments = unbrokenFrom(wal, account.forkLsn)
    .filter((link) => segmentBegin(link.number, wal.segmentBytes) < account.endLsn)
    .map((link) => link.file);
  const timelines = [...wal.branch.history.map((entry) => entry.timeline), wal.branch.timeline];
  const histories = timelines.map((it) => historyFileName(it)).filter((name) => wal.files.has(name));
  return [...histories, ...segments];
}

function diskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function noRoom(context: ProcedureContext, account: DivergenceAccount): PrimacyError {
  return new PrimacyError(
    'refused',
    `cannot keep what ${context.node.name} would lose: no space is left for ${account.bundle}; nothing was changed`,
  );
}
