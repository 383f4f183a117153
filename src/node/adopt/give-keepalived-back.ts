/** Puts keepalived's former configuration back: on the node with the VIP by a reload that keeps it, elsewhere by a stop and a start, once that is safe. */
import { rm } from 'node:fs/promises';
import { vipAddress } from '../../config/vip.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import { removeDurably, writeAtomically } from '../../world/files/atomic-write.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { reloadKeepalived, testConfiguration } from '../../world/keepalived/control.ts';
import { keepalivedParent, stopKeepalived } from '../../world/keepalived/process.ts';
import { recordKeepalivedStart, startKeepalivedAgain } from '../../world/keepalived/start-again.ts';
import { readVip } from '../../world/network/addresses.ts';
import type { RunStep } from '../procedures/run-step.ts';
import type { GuardContext } from './guard-context.ts';
import { readKeepalivedBefore, type KeepalivedBefore } from './keepalived-before.ts';
import { deadManRuns, fragmentFile } from './take-keepalived-over.ts';

const POLL_MS = 50;
const STOP_LIMIT_SECONDS = 5;
/** Its script's last stamp has to grow old first. */
const RESTS_LIMIT_MS = 15_000;

export interface GivenBack {
  /** False: keepalived goes on with Primacy's configuration, for now or because a person changed the file. */
  readonly done: boolean;
  readonly sentences: readonly string[];
}

/** `mayStart`: why a keepalived without the VIP must not start with its former configuration yet; null = it may. */
export async function giveKeepalivedBack(
  context: GuardContext,
  mayStart: string | null,
  step: RunStep,
): Promise<GivenBack> {
  const { cluster, paths, runner, node } = context;
  const { configFile } = cluster.keepalived;
  const before = await readKeepalivedBefore(paths.keepalivedBefore);
  if (before === null) return { done: true, sentences: [] };
  const now = await readOptional(configFile);
  if (now !== before.written && now !== before.text)
    return {
      done: false,
      sentences: [
        `${configFile} was changed since it was taken over and stays as it is; the former text is in ${paths.keepalivedBefore}.`,
      ],
    };
  const vip = await readVip(vipAddress(cluster), runner);
  if (vip.kind === 'unknown')
    throw new PrimacyError('refused', `cannot give keepalived back on ${node.name}: ${vip.reason}`);
  if (!vip.value.present && mayStart !== null)
    return {
      done: false,
      sentences: [
        `keepalived stays in FAULT with Primacy's configuration: ${mayStart}. When the primary is given back, run "primacy unadopt" here again.`,
      ],
    };
  await (vip.value.present ? reloadWithFormer : startWithFormer)(context, before, step);
  await step('keepalived-forget', async () => {
    await rm(fragmentFile(context), { force: true });
    await removeDurably(paths.keepalivedBefore);
  });
  return { done: true, sentences: [`keepalived has its former configuration back.`] };
}

async function reloadWithFormer(
  context: GuardContext,
  before: KeepalivedBefore,
  step: RunStep,
): Promise<void> {
  const { cluster, runner, node } = context;
  await writeFormer(context, before, step);
  await step('keepalived-reload', () => reloadKeepalived(runner));
  await untilOursRests(context);
  const vip = await readVip(vipAddress(cluster), runner);
  if (vip.kind === 'known' && vip.value.present) return;
  throw new PrimacyError(
    'postcondition-missing',
    `cannot see the VIP on ${node.name} after the reload of keepalived: look at its log`,
  );
}

async function startWithFormer(
  context: GuardContext,
  before: KeepalivedBefore,
  step: RunStep,
): Promise<void> {
  const { paths, runner, clock } = context;
  await recordKeepalivedStart(paths.keepalivedStart);
  await step('keepalived-stop', () => stopKeepalived(runner, clock, STOP_LIMIT_SECONDS));
  await writeFormer(context, before, step);
  await step('keepalived-start', () =>
    startKeepalivedAgain(paths.keepalivedStart, runner, clock, STOP_LIMIT_SECONDS),
  );
  await untilOursRests(context);
}

/** Tested where it lies: the scripts that it names may have gone since, and a reload with an error would end keepalived. */
async function writeFormer(
  { cluster, runner }: GuardContext,
  { text, mode, uid, gid, written }: KeepalivedBefore,
  step: RunStep,
): Promise<void> {
  const { configFile } = cluster.keepalived;
  await step('keepalived-configuration', async () => {
    await writeAtomically(configFile, text, { mode, owner: { uid, gid } });
    try {
      await testConfiguration(runner, configFile);
    } catch (error) {
      await writeAtomically(configFile, written, { mode: 0o644 });
      throw error;
    }
  });
}

async function untilOursRests(context: GuardContext): Promise<void> {
  const rests = await pollUntil(context.clock, RESTS_LIMIT_MS, POLL_MS, () =>
    Promise.resolve(deadManRuns(context) ? undefined : true),
  );
  if (rests !== true || keepalivedParent() === null)
    throw new PrimacyError(
      'postcondition-missing',
      `cannot see keepalived of ${context.node.name} run with its former configuration: look at its log, then run this again`,
    );
}
