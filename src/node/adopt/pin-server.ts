/** Pins what protects a server against its own start and promotion, again after each change of its role. */
import { existsSync } from 'node:fs';
import { postmasterOf, processesOf } from '../../world/postgres/processes.ts';
import { alterSettings, editSettings, setStandbySignal } from '../../world/postgres/server-settings.ts';
import type { GuardContext } from './guard-context.ts';
import { HOLDER_PINS, standingPins } from './pins.ts';

/**
 * `holder`: also empties `primary_conninfo` and sees to it that `standby.signal` stands (born standby), unless
 * `startProtection` is `off`. `standby`: leaves both alone.
 * On a running server by ALTER SYSTEM and a reload, on a stopped one in its postgresql.auto.conf. Changes nothing where everything
 * is as it must be, nor on a node that was not adopted. Takes some 60 ms: after a promotion the VIP comes first.
 */
export async function pinServer(context: GuardContext, as: 'holder' | 'standby'): Promise<void> {
  if (!existsSync(context.paths.adoption)) return;
  // The signal first: were the rest to fail, a blind start would still be harmless.
  if (as === 'holder' && context.cluster.startProtection === 'signal')
    await setStandbySignal(context.runner, context.cluster.postgres, true);
  await applyPins(context, as);
}

/** Writes the settings, whatever the state of adoption. */
export async function applyPins(context: GuardContext, as: 'holder' | 'standby'): Promise<void> {
  await changeSettings(context, {
    ...standingPins(context.paths),
    ...(as === 'holder' ? HOLDER_PINS : {}),
  });
}

/** Sets, or removes where null, lines of postgresql.auto.conf. Throws `command-failed`. */
export async function changeSettings(
  context: GuardContext,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { runner, cluster } = context;
  const postmaster = postmasterOf(await processesOf(cluster.postgres.dataDirectory));
  const change = postmaster === null ? editSettings : alterSettings;
  await change(runner, cluster.postgres, changes);
}
